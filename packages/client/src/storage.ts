import { environment, type WebStorage } from './environment.ts';

/**
 * A place of your own for the tokens, such as a file or a secure enclave. Methods may be
 * asynchronous. It must be one place: all clients with the same `channel` read what one of them wrote.
 *
 * @example
 * const entries = new Map<string, string>();
 * const storage: TokenStorage = {
 *   get: (key) => entries.get(key) ?? null,
 *   set: (key, value) => void entries.set(key, value),
 *   remove: (key) => void entries.delete(key),
 * };
 * const client = createClient({ url, storage });
 */
export type TokenStorage = {
  /** @returns what `set` was given; `null` or `undefined` when there is nothing */
  get(key: string): Awaitable<string | null | undefined>;
  set(key: string, value: string): Awaitable<void>;
  remove(key: string): Awaitable<void>;
};

type Awaitable<T> = T | Promise<T>;

export type Store = {
  readonly storage: TokenStorage;
  /** Other tabs read it too: telling them that it changed is enough. */
  readonly isShared: boolean;
  /** Calls back when another tab wrote; returns a function that stops it. */
  watch?(listener: () => void): () => void;
};

/** Falls back to memory where the browser forbids the storage (private windows) or has none (Node). */
export function openStore(kind: 'memory' | 'local' | 'session' | TokenStorage): Store {
  if (typeof kind === 'object') return { storage: kind, isShared: true };
  try {
    if (kind === 'local')
      return { storage: inBrowser(environment.localStorage), isShared: true, watch };
    // Not shared: a duplicated tab starts with a copy, which then goes its own way.
    if (kind === 'session')
      return { storage: inBrowser(environment.sessionStorage), isShared: false };
  } catch {}
  return { storage: inMemory(), isShared: false };
}

/**
 * Each process of a browser has a copy of localStorage that lags behind: told by a channel that
 * another tab has written, one may still read what was there before. This event is never early.
 */
function watch(listener: () => void): () => void {
  environment.addEventListener?.('storage', listener);
  return () => environment.removeEventListener?.('storage', listener);
}

function inBrowser(storage: WebStorage | undefined): TokenStorage {
  if (!storage) throw new TypeError();
  // Some browsers give the object and forbid its use.
  storage.getItem('');
  return {
    get: (key) => storage.getItem(key),
    set: (key, value) => storage.setItem(key, value),
    remove: (key) => storage.removeItem(key),
  };
}

function inMemory(): TokenStorage {
  const entries = new Map<string, string>();
  return {
    get: (key) => entries.get(key),
    set: (key, value) => void entries.set(key, value),
    remove: (key) => void entries.delete(key),
  };
}
