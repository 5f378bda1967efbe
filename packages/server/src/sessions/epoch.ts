import type { Clock } from '../clock.ts';
import type { Tx } from '../database/database.ts';
import type { Revocations } from '../revocations/revocations.ts';
import type { SessionStore } from './store.ts';

// The longest that GATEPASS_SESSION_LIFETIME allows; no token of ours lives longer.
const LONGEST_LIFETIME_MS = 3650 * 86_400_000;

type Deps = { store: SessionStore; revocations: Revocations; clock: Clock };

type NewEpoch = {
  /** Epoch seconds: tokens with an earlier `iat` are void, whatever session they name. */
  readonly cutoff: number;
  /** How many sessions this ended. */
  readonly ended: number;
  /** To be called after the commit. */
  readonly committed: () => void;
};

/**
 * Begins a new epoch, within `tx`: no session is left, and every token issued until now is void, even
 * one of a session that this database has never seen (opened after the backup was made). A token
 * issued in this same second is void too, so no request should be served before `cutoff`.
 */
export function createEpoch({ store, revocations, clock }: Deps) {
  return async (tx: Tx): Promise<NewEpoch> => {
    const now = clock.now();
    const cutoff = Math.floor(now / 1000) + 1;
    const ended = await store.clear(tx, now);
    const committed = await revocations.startOver(tx, {
      kind: 'all',
      subject: '',
      issuedBefore: cutoff,
      expiresAt: now + LONGEST_LIFETIME_MS,
    });
    return { cutoff, ended, committed };
  };
}
