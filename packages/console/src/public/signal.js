import { useEffect, useState } from './vendor/hooks.js';

/**
 * A value that components subscribe to.
 *
 * @template T
 * @param {T} value at first
 */
export function createSignal(value) {
  /** @type {Set<(value: T) => void>} */
  const followers = new Set();
  return {
    get: () => value,
    /** @param {T} next */
    set(next) {
      value = next;
      for (const follow of followers) follow(next);
    },
    /** For components: redraws the component when the value changes. */
    use() {
      const [, draw] = useState({});
      useEffect(() => {
        const follow = () => draw({});
        followers.add(follow);
        return () => {
          followers.delete(follow);
        };
      }, []);
      return value;
    },
  };
}
