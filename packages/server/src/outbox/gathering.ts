/**
 * Writes ids beside the work that brings them, some at a time, so that many need few transactions.
 *
 * @param atLeast so many wait for a write; `settled` writes what is left
 */
export function createGathering(
  write: (ids: readonly number[]) => Promise<void>,
  atLeast: number,
  onError: (error: unknown) => void,
) {
  let waiting: number[] = [];
  let writing: Promise<void> | undefined;

  async function run(enough: number): Promise<void> {
    while (waiting.length >= enough) {
      const ids = waiting;
      waiting = [];
      await write(ids).catch(onError);
    }
    writing = undefined;
  }

  return {
    add(id: number): void {
      waiting.push(id);
      if (waiting.length >= atLeast) writing ??= run(atLeast);
    },

    async settled(): Promise<void> {
      await writing;
      await run(1);
    },
  };
}
