import type { Logger } from 'pino';

const PATIENCE_MS = 1000;
const AGAIN_MS = 10_000;

/** Runs a step of the start; if it takes long, the log says what the start is waiting for. */
export async function step<T>(logger: Logger, what: string, work: () => Promise<T>): Promise<T> {
  const say = () => logger.info(`still starting: ${what}`);
  let timer = setTimeout(() => {
    say();
    timer = setInterval(say, AGAIN_MS);
  }, PATIENCE_MS);
  try {
    return await work();
  } finally {
    clearTimeout(timer);
  }
}
