import { systemTimers } from './clock.ts';

/**
 * Runs `round` regularly, and at once when there may be news; never two rounds at the same time.
 * News that arrive during a round cause another one.
 *
 * @param everyMs the pause between rounds when nothing is heard
 * @param onNews registers for a hint that may be lost; the returned function ends it
 */
export function createFollower(
  everyMs: number,
  round: () => Promise<void>,
  onNews: (listener: () => void) => () => void,
  timers = systemTimers,
) {
  let cancel = () => {};
  let isWanted = false;
  let isRunning = false;
  let isNews = false;
  let unsubscribe = () => {};

  async function go(): Promise<void> {
    isNews = true;
    if (isRunning) return;
    isRunning = true;
    cancel();
    while (isNews && isWanted) {
      isNews = false;
      await round();
    }
    isRunning = false;
    if (isWanted) wait();
  }

  function wait(): void {
    cancel = timers.after(everyMs, go);
  }

  return {
    start(): void {
      isWanted = true;
      wait();
      unsubscribe = onNews(go);
    },

    stop(): void {
      isWanted = false;
      unsubscribe();
      cancel();
    },
  };
}
