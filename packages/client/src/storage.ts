import { attempt, environment, isPage, type WebStorage } from './environment.ts';

/**
 * A place of your own for the tokens, such as a file or a secure enclave. Methods may be
 * asynchronous. It must be one place: all clients with the same `channel` read what one of them wrote.
 * After a failed `set` the client keeps the tokens in memory, and warns on the console.
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
  set(key: string, value: string): Awaitable<unknown>;
  remove(key: string): Awaitable<unknown>;
};

type Awaitable<T> = T | Promise<T>;
type Text = string | null | undefined;

/** One entry of a storage, or of memory where the storage is missing or has failed. */
export type Store = {
  get(): Awaitable<Text>;
  /** Writes, or removes when there is no text. Never throws. */
  put(text: string | undefined): Awaitable<unknown>;
  /** Whether other tabs read the same entry: telling them that it changed is enough. */
  isShared(): boolean;
  /** Calls back when another tab wrote; returns a function that stops it. */
  watch(listener: () => void): () => void;
};

export type StorageKind = 'memory' | 'local' | 'session' | TokenStorage;

export function openStore(kind: StorageKind, key: string): Store {
  const storage = typeof kind === 'object' ? kind : inPage(kind);
  let isInUse = storage !== undefined;
  let isWarned = false;
  let kept: Text;

  function keep(text: Text): Text {
    if (isInUse) kept = text;
    return kept;
  }

  function warn(error: unknown): Text {
    if (!isWarned) {
      const { name } = Object(error);
      environment.console?.warn(`Gatepass: the storage failed (${name}); memory is used instead`);
    }
    isWarned = true;
    return kept;
  }

  const remove = () => run(() => storage?.remove(key), warn);

  /** The storage is full or forbids writing: the login goes on in memory, until the page is left. */
  function leave(error: unknown): void {
    isInUse = false;
    warn(error);
    // An old refresh token that stays would be used by other tabs or after a reload, and look stolen.
    void remove();
  }

  return {
    get: () => (isInUse ? run(() => storage?.get(key), warn, keep) : kept),

    put(text) {
      kept = text;
      if (!text) return remove();
      return isInUse ? run(() => storage?.set(key, text), leave) : undefined;
    },

    // A tab's sessionStorage is its own: a duplicated tab starts with a copy, which goes its own way.
    isShared: () => isInUse && kind !== 'session',

    // Each process of a browser has a copy of localStorage that lags behind: told by a channel that
    // another tab has written, one may still read what was there before. This event is never early.
    watch(listener) {
      if (kind !== 'local') return () => {};
      environment.addEventListener?.('storage', listener);
      return () => environment.removeEventListener?.('storage', listener);
    },
  };
}

/** Acts at once where it can: a page asks `isLoggedIn` right after it made the client. */
function run<T, U>(
  act: () => Awaitable<T>,
  failed: (error: unknown) => U,
  done = (value: T) => value,
): Awaitable<T | U> {
  try {
    const result = act();
    return isPromise(result) ? result.then(done, failed) : done(result);
  } catch (error) {
    return failed(error);
  }
}

const isPromise = <T>(value: Awaitable<T>): value is Promise<T> =>
  typeof Object(value).then === 'function';

function inPage(kind: 'memory' | 'local' | 'session'): TokenStorage | undefined {
  if (kind === 'memory' || !isPage()) return undefined;
  return attempt(() => {
    const storage: WebStorage | undefined = environment[`${kind}Storage`];
    // Some browsers give the object and forbid its use.
    storage?.getItem('');
    return (
      storage && {
        get: (key) => storage.getItem(key),
        set: (key, value) => storage.setItem(key, value),
        remove: (key) => storage.removeItem(key),
      }
    );
  });
}
