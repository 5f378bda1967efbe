import type { Clock } from '../clock.ts';
import type { PublicId } from '../config/public-id.ts';
import type { Tx } from '../database/database.ts';
import type { Lifetimes } from './lifetimes.ts';
import type { Revocations } from './revocations.ts';

/**
 * Records, within `tx`, that access tokens of an account with an earlier version of its claims are
 * stale. Its sessions go on.
 *
 * @returns to be called after the commit
 */
export type RecordStaleClaims = (tx: Tx, userId: PublicId, version: number) => Promise<() => void>;

type Deps = {
  readonly revocations: Revocations;
  readonly lifetimes: Lifetimes;
  readonly clock: Clock;
};

export const createRecordStaleClaims =
  ({ revocations, lifetimes, clock }: Deps): RecordStaleClaims =>
  async (tx, userId, version) => {
    const lifetime = Math.max(await lifetimes.access(tx), (await lifetimes.sessionless(tx)) ?? 0);
    return revocations.record(tx, [
      {
        kind: 'claims',
        subject: String(userId),
        issuedBefore: 0,
        claimsVersion: version,
        expiresAt: clock.now() + lifetime,
      },
    ]);
  };
