import type { Audit } from '../audit/audit.ts';
import type { Origin } from '../audit/event.ts';
import type { Transaction } from '../database/database.ts';
import type { RecordStaleClaims } from '../revocations/stale-claims.ts';
import { type CustomClaims, checkClaims, storedClaims } from './custom-claims.ts';
import type { UserStore } from './store.ts';
import type { User } from './user.ts';

type Deps = {
  readonly store: UserStore;
  readonly transaction: Transaction;
  readonly recordStaleClaims: RecordStaleClaims;
  /** What the user's id is called in tokens. */
  readonly userIdClaim: string;
  readonly audit: Audit;
};

type ClaimsSet =
  | { readonly ok: true; readonly claims: CustomClaims; readonly isChanged: boolean }
  | { readonly ok: false; readonly fault: string }
  | 'gone';

/**
 * Changes the claims of an account. Access tokens with the former claims are stale at once, on every
 * node and in resource servers; the sessions go on, and their next refresh has the new claims.
 */
export const createSetClaims =
  ({ store, transaction, recordStaleClaims, userIdClaim, audit }: Deps) =>
  /** @param change maps the present claims to new ones, which are checked here */
  async (
    user: User,
    change: (present: CustomClaims) => unknown,
    by: Origin,
  ): Promise<ClaimsSet> => {
    const { set, committed } = await transaction(async (tx) => {
      const held = await store.holdClaims(tx, user.id);
      if (held === undefined) return { set: 'gone' as const };
      const read = checkClaims(change(storedClaims(held)), userIdClaim);
      if (!read.ok) return { set: read };
      const { claims, json } = read;
      if (json === held) return { set: { ok: true as const, claims, isChanged: false } };
      const version = await store.setClaims(tx, user.id, json);
      await audit.record(tx, { event: 'user.claims', userId: user.id, by });
      const committed = await recordStaleClaims(tx, user.publicId, version);
      return { set: { ok: true as const, claims, isChanged: true }, committed };
    });
    committed?.();
    return set;
  };
