import { hash } from 'node:crypto';

/**
 * Results of verified tokens, each in a place that no other token has, however alike. Two halves: what
 * was not used while one half filled up is forgotten, so the most used stay and the size is bounded.
 */
export type TokenCache<T> = ReturnType<typeof createTokenCache<T>>;

/** A place that tells nothing of the token: the memory holds none. */
export const sha256Of = (token: string): string => hash('sha256', token, 'latin1');

/** @param placeOf the place of a token */
export function createTokenCache<T>(capacity: number, placeOf: (token: string) => string) {
  const half = Math.ceil(capacity / 2);
  let recent = new Map<string, T>();
  let older = new Map<string, T>();

  function add(place: string, value: T): void {
    if (half === 0) return;
    recent.set(place, value);
    if (recent.size < half) return;
    older = recent;
    recent = new Map();
  }

  return {
    placeOf,
    add,

    find(place: string): T | undefined {
      const value = recent.get(place);
      if (value !== undefined) return value;
      const old = older.get(place);
      if (old !== undefined) add(place, old);
      return old;
    },

    clear(): void {
      recent = new Map();
      older = new Map();
    },

    size: (): number => recent.size + older.size,
  };
}
