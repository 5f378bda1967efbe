/**
 * Writes ids beside the work that brings them; those that come during one write gather for the
 * next, so that many need few transactions.
 */
export function createGathering(
  write: (ids: readonly number[]) => Promise<void>,
  onError: (error: unknown) => void,
) {
  let waiting: number[] = [];
  let writing: Promise<void> | undefined;

  async function run(): Promise<void> {
    while (waiting.length > 0) {
      const ids = waiting;
      waiting = [];
      await write(ids).catch(onError);
    }
    writing = undefined;
  }

  return {
    add(id: number): void {
      waiting.push(id);
      writing ??= run();
    },
    settled: async (): Promise<void> => writing,
  };
}
