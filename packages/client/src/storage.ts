import { attempt, environment, isPage } from './environment.ts';

/**
 * A storage of your own for the tokens, such as a file or a key store. Methods may be
 * asynchronous. All clients with the same `channel` must share it: each reads what another wrote.
 * After a failed `set` the client keeps the tokens in memory and warns on the console.
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
  /** @returns the value of the last `set`; `null` or `undefined` if there is none */
  get(key: string): Awaitable<string | null | undefined>;
  /** @param value JSON with the tokens: a secret */
  set(key: string, value: string): Awaitable<unknown>;
  /** Does nothing for a key without a value. */
  remove(key: string): Awaitable<unknown>;
};

/** A value, now or later. */
export type Awaitable<T> = T | Promise<T>;

export type StorageKind = 'memory' | 'local' | 'session' | 'cookie' | TokenStorage;

/** @returns undefined where memory is all there is */
export function openStorage(kind: StorageKind): TokenStorage | undefined {
  if (typeof kind === 'object') return kind;
  // Of other kinds, `window` may have what a page chose to call so.
  if (!isPage() || !/^(local|session)$/.test(kind)) return undefined;
  return attempt(() => {
    const storage = environment[`${kind}Storage`];
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
