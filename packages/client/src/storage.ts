import { attempt, environment, isPage } from './environment.ts';

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
