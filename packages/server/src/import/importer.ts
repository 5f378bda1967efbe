/**
 * Accounts from elsewhere, with their ids, password hashes and logged-out tokens. Owns the plan and
 * the one transaction that carries it out: everything or nothing, and a second time nothing more.
 * Does not own the tables it fills, nor how a source is read (one file each). Imported by app.ts
 * and the CLI.
 */
import type { Audit } from '../audit/audit.ts';
import type { Origin } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import type { Transaction } from '../database/database.ts';
import type { ForeignLogouts } from '../sessions/foreign-logouts.ts';
import { adoptedSessionId, userIdOf } from '../token/claims.ts';
import type { Arrivals } from '../users/arrivals.ts';
import { type Plan, planImport } from './plan.ts';
import type { Contents, Logout } from './source.ts';

export type Importer = ReturnType<typeof createImporter>;

type Deps = {
  readonly arrivals: Arrivals;
  readonly foreignLogouts: ForeignLogouts;
  readonly transaction: Transaction;
  readonly audit: Audit;
  readonly clock: Clock;
};

export type Imported = { readonly accounts: number; readonly logouts: number };

export function createImporter({ arrivals, foreignLogouts, transaction, audit, clock }: Deps) {
  /** Of accounts that are here; tokens that have expired need no memory of their logout. */
  const endedSessions = (logouts: readonly Logout[], ids: ReadonlySet<number>) =>
    logouts.flatMap(({ claims }) => {
      const userId = userIdOf(claims);
      const expiresAt = Math.ceil(Number(claims['exp']) * 1000);
      const isAlive = Number.isSafeInteger(expiresAt) && expiresAt > clock.now();
      return userId !== undefined && ids.has(userId) && isAlive
        ? [{ id: adoptedSessionId(claims), userId, expiresAt }]
        : [];
    });

  return {
    plan: ({ candidates }: Contents): Promise<Plan> =>
      planImport(candidates, arrivals.present, clock.now()),

    /**
     * Writes a plan and the logouts of its source, in one transaction.
     *
     * @param onProgress told how many accounts are written so far
     * @throws {ArrivalError} when an id or an address was taken since the plan; nothing is written then
     */
    carryOut: (
      plan: Plan,
      logouts: readonly Logout[],
      by: Origin,
      onProgress: (count: number) => void = () => {},
    ): Promise<Imported> =>
      transaction(async (tx) => {
        await arrivals.admit(tx, plan.arrivals, onProgress);
        const written = await foreignLogouts.remember(tx, endedSessions(logouts, plan.ids), by);
        const accounts = plan.arrivals.length;
        if (accounts > 0)
          await audit.record(tx, { event: 'user.import', by, details: { count: accounts } });
        return { accounts, logouts: written };
      }),
  };
}
