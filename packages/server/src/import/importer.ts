/**
 * Accounts from elsewhere, with their ids, password hashes, authenticator apps and logged-out tokens.
 * Owns the plan and the single transaction that carries it out: everything or nothing, and nothing
 * more when repeated. Does not own the tables it fills, nor how a source is read (one file each).
 * Imported by services.ts and the CLI.
 */
import { getHeapStatistics } from 'node:v8';
import type { Audit } from '../audit/audit.ts';
import type { Origin } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import type { PublicId } from '../config/public-id.ts';
import type { Transaction, Tx } from '../database/database.ts';
import type { AppArrivals } from '../mfa/app-arrivals.ts';
import { loadCommonPasswords } from '../passwords/common.ts';
import type { ForeignLogout, ForeignLogouts } from '../sessions/foreign-logouts.ts';
import { userIdOf } from '../token/claims.ts';
import { adoptedSessionId } from '../token/sessionless.ts';
import type { Arrivals } from '../users/arrivals.ts';
import { type Plan, planImport } from './plan.ts';
import type { Contents } from './source.ts';

type Deps = {
  readonly arrivals: Arrivals;
  readonly appArrivals: AppArrivals;
  readonly foreignLogouts: ForeignLogouts;
  readonly transaction: Transaction;
  readonly audit: Audit;
  readonly clock: Clock;
  /** The name of the user's id in tokens. */
  readonly userIdClaim: string;
};

export type Imported = {
  readonly accounts: number;
  readonly apps: number;
  readonly codes: number;
  readonly logouts: number;
};

// Memory of a plan. About 600 were measured, with addresses of 30 and hashes of 90 characters.
const BYTES_PER_ROW = 1000;
// Heap reserved for the program itself and for V8's young generation, which the limit includes.
const RESERVED_BYTES = 160_000_000;

export function createImporter(deps: Deps) {
  const { arrivals, appArrivals, foreignLogouts, transaction, audit, clock, userIdClaim } = deps;

  /** Logouts of existing accounts' tokens; expired tokens need none. */
  async function endedSessions(tx: Tx, { logouts, ids }: Plan): Promise<ForeignLogout[]> {
    const alive = logouts.flatMap(({ claims }) => {
      const owner = userIdOf(claims, userIdClaim);
      const expiresAt = Math.ceil(Number(claims['exp']) * 1000);
      const isAlive = Number.isSafeInteger(expiresAt) && expiresAt > clock.now();
      return owner !== undefined && ids.has(owner) && isAlive
        ? [{ id: adoptedSessionId(claims, userIdClaim), owner, expiresAt }]
        : [];
    });
    const uuids = new Set(alive.flatMap(({ owner }) => (typeof owner === 'string' ? owner : [])));
    const idsOf = await arrivals.idsOf(tx, [...uuids]);
    return alive.flatMap(({ id, owner, expiresAt }) => {
      const userId = typeof owner === 'string' ? idsOf.get(owner) : owner;
      return userId === undefined ? [] : [{ id, userId, expiresAt }];
    });
  }

  /** Adds the ids that the owners have here, and drops things whose owner is not here. */
  async function owned<T extends { readonly owner: PublicId }>(tx: Tx, all: readonly T[]) {
    const uuids = new Set(all.flatMap(({ owner }) => (typeof owner === 'string' ? owner : [])));
    const idsOf = await arrivals.idsOf(tx, [...uuids]);
    return all.flatMap((each) => {
      const { owner } = each;
      const userId = typeof owner === 'string' ? idsOf.get(owner) : owner;
      return userId === undefined ? [] : [{ ...each, userId }];
    });
  }

  return {
    /** @param idsAbove the highest id that the source has ever assigned, if the operator knows it */
    plan: async (contents: Contents, idsAbove?: number): Promise<Plan> =>
      planImport(contents, {
        codeRules: {
          isKept: appArrivals.keepsCodes,
          isCommon: contents.factors?.codes.length ? await loadCommonPasswords() : () => false,
        },
        findPresent: arrivals.present,
        now: clock.now(),
        userIdClaim,
        idsAbove,
        mostRows: Math.max(
          0,
          Math.floor((getHeapStatistics().heap_size_limit - RESERVED_BYTES) / BYTES_PER_ROW),
        ),
      }),

    /**
     * Writes a plan in one transaction: the accounts, their apps, the logouts of their tokens, and the
     * floor of new ids.
     *
     * @param onProgress called with how many accounts are written so far
     * @throws {ArrivalError} when an id or an address was taken since the plan; nothing is written then
     */
    carryOut: (
      plan: Plan,
      by: Origin,
      onProgress: (count: number) => void = () => {},
    ): Promise<Imported> =>
      transaction(async (tx) => {
        await arrivals.admit(tx, plan.arrivals, plan.idFloor.floor, onProgress);
        const apps = await owned(tx, plan.apps.apps);
        await appArrivals.admit(tx, apps);
        const codes = await owned(tx, plan.apps.codes.codes);
        await appArrivals.admitCodes(tx, codes);
        const written = await foreignLogouts.remember(tx, await endedSessions(tx, plan), by);
        const accounts = plan.arrivals.length;
        if (accounts > 0)
          await audit.record(tx, { event: 'user.import', by, details: { count: accounts } });
        return { accounts, apps: apps.length, codes: codes.length, logouts: written };
      }),
  };
}
