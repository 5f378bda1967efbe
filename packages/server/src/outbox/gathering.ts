/**
 * Writes ids in groups, beside the work that produces them, so that many ids need few transactions.
 *
 * @param atLeast the number of ids that starts a write; `settled` writes the rest
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
