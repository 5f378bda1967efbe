import type { Report } from '../database.ts';

const QUIET_MS = 1000;

/**
 * Reports an outage once and its end once, however many statements fail.
 *
 * @param elapsed milliseconds since an arbitrary moment
 */
export function createAvailability(report: Report, elapsed = () => performance.now()) {
  let awaySince: number | undefined;
  let saidAt = Number.NEGATIVE_INFINITY;
  let isSaid = false;

  return {
    /** A connection was refused or lost. */
    lost(reason: string): void {
      const now = elapsed();
      awaySince ??= now;
      // Connections that are cut one after another are one outage, and so is one that was refused
      // before the server was back and reports it later.
      if (isSaid || now - saidAt <= QUIET_MS) return;
      isSaid = true;
      saidAt = now;
      report('warn', `the database is away (${reason}): what needs it gets 503 until it is back`);
    },

    /** A statement succeeded. */
    works(): void {
      if (awaySince === undefined) return;
      const now = elapsed();
      const seconds = (now - awaySince) / 1000;
      awaySince = undefined;
      if (!isSaid) return;
      isSaid = false;
      saidAt = now;
      report('info', `the database is back, after ${seconds.toFixed(1)} s`);
    },
  };
}
