import type { Report } from '../database.ts';

const QUIET_MS = 1000;

/**
 * Says once that the server is away and once that it is back, however many statements meet it.
 *
 * @param elapsed milliseconds from any beginning
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
      // Connections that are cut one after the other are not that many outages, nor is one that was
      // refused before the server was back and reports so after.
      if (isSaid || now - saidAt <= QUIET_MS) return;
      isSaid = true;
      saidAt = now;
      report('warn', `the database is away (${reason}): what needs it gets 503 until it is back`);
    },

    /** A statement was carried out. */
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
