import type { Options } from './experiment.ts';

/** Only catches hangs. */
const SHORT_LIMIT_MS = 120_000;

/**
 * Tells whether an experiment has acted for long enough. The short form counts what it did, because a
 * busy machine does little in a second; with a planted bug it goes on until the bug has been found.
 *
 * @param hasDoneEnough for the short form
 * @param found breaches that are noticed while the experiment acts; absent if only checks afterwards find them
 */
export function createEnding(
  { seconds, isShort, planted }: Options,
  hasDoneEnough: () => boolean,
  found?: readonly string[],
): () => boolean {
  const deadline = performance.now() + (isShort ? SHORT_LIMIT_MS : seconds * 1000);
  return () => {
    if (performance.now() > deadline) return true;
    if (!isShort) return false;
    return planted && found ? found.length > 0 : hasDoneEnough();
  };
}

/** As above, and so many milliseconds longer. */
export function createLateEnding(isEnough: () => boolean, lateMs: number): () => boolean {
  let since: number | undefined;
  return () => {
    if (!isEnough()) return false;
    since ??= performance.now();
    return performance.now() - since > lateMs;
  };
}
