/**
 * How often passwords and registrations may be tried, per account, network and both. Owns the
 * counts (`throttle_counts`), shared by all processes of a database, and the limits (limits.ts);
 * does not own what an account or a network is: callers name them. What is counted is counted
 * before the password is hashed. Imported by token/, users/, routes.ts and app.ts.
 */
import type { Clock } from '../clock.ts';
import type { Transaction, Tx } from '../database/database.ts';
import { isDatabaseUnavailable } from '../database/faults.ts';
import { Refusal } from '../errors.ts';
import {
  decide,
  type Limit,
  LOGIN_ACCOUNT,
  LOGIN_FAILURES,
  LOGIN_NETWORK,
  REFRESH_SESSION,
  REGISTER_NETWORK,
} from './limits.ts';
import { createSessionLimit } from './session-limit.ts';
import type { ThrottleStore } from './store.ts';

/** A counted attempt: a failure until its outcome is told. */
export type Attempt = {
  /** The password was right: in the transaction of what it allows, or in one of its own. */
  succeed(tx?: Tx): Promise<void>;
  /** Takes the counts back if this error says that the service had no time for the attempt. */
  abandon(error: unknown): Promise<void>;
};

/** Where an attempt comes from: a network, and whether the client is still there. */
export type AttemptOrigin = { readonly network: string; readonly signal?: AbortSignal };

export type Throttle = {
  /**
   * Counts an attempt to guess the password of an account.
   *
   * @param account its address in canonical form, whether it exists or not
   * @param onRefused awaited before a refusal, for the audit log
   * @throws {Refusal} `throttled`
   */
  begin(account: string, origin: AttemptOrigin, onRefused?: () => Promise<void>): Promise<Attempt>;
  /** Counts a registration; a registered account knows its network. @throws {Refusal} `throttled` */
  register(account: string, origin: AttemptOrigin): Promise<Attempt>;
  /** Counts a refresh of a session, in this process. @throws {Refusal} `throttled` */
  refresh(sessionId: string): void;
};

type Deps = {
  readonly store: ThrottleStore;
  readonly transaction: Transaction;
  readonly clock: Clock;
  /** `false` = nothing is counted or refused. */
  readonly isOn: boolean;
  /** JWS with the secret of all nodes: a keyed hash, so nobody chooses whom to share a bucket with. */
  readonly sign: (claims: object) => string;
};

type Bucket = { readonly limit: Limit; readonly bucket: number };
type Taken = Bucket & { readonly since: number };

const KNOWN_MS = 30 * 86_400_000;
/** Buckets per limit: what a flood can make the table hold, and it never has to forget one. */
const WIDTH = 2 ** 20;
/** Those of networks known to an account: a shared one would let a stranger pass for known. */
const KNOWN_WIDTH = 2 ** 48;
/** Each kind its own range of bucket numbers. */
const KINDS = [LOGIN_ACCOUNT, LOGIN_NETWORK, LOGIN_FAILURES, REGISTER_NETWORK].map(
  ({ name }) => name,
);
const RACES = 100;
/** Of an HS256 signature in base64url. */
const MAC_LENGTH = 43;

const UNCOUNTED: Attempt = { succeed: async () => {}, abandon: async () => {} };

/** Allows everything. */
const NO_THROTTLE: Throttle = {
  begin: async () => UNCOUNTED,
  register: async () => UNCOUNTED,
  refresh: () => {},
};

export function createThrottle(deps: Deps): Throttle {
  const { isOn, store, transaction, clock, sign } = deps;
  if (!isOn) return NO_THROTTLE;
  const refreshLimit = createSessionLimit(REFRESH_SESSION);

  const numberOf = (kind: string, subject: readonly string[], width: number) =>
    Buffer.from(sign({ [kind]: subject }).slice(-MAC_LENGTH), 'base64url').readUIntBE(0, 6) % width;
  const bucketOf = (limit: Limit, ...subject: string[]): Bucket => ({
    limit,
    bucket: KINDS.indexOf(limit.name) * KNOWN_WIDTH + numberOf(limit.name, subject, WIDTH),
  });
  const knownBucketOf = (account: string, network: string) =>
    KINDS.length * KNOWN_WIDTH + numberOf('known', [account, network], KNOWN_WIDTH);

  /** Refuses what is refused anyway without a write. */
  async function look(buckets: readonly Bucket[]): Promise<void> {
    const now = clock.now();
    const counts = await Promise.all(buckets.map(({ bucket }) => store.find(bucket)));
    for (const [i, { limit }] of buckets.entries()) {
      const verdict = decide(limit, counts[i], now);
      if (!verdict.allowed) throw refusal(limit, verdict.retryAt - now);
    }
  }

  async function take(tx: Tx, { limit, bucket }: Bucket): Promise<Taken> {
    for (let race = 0; race < RACES; race++) {
      const now = clock.now();
      const seen = await store.find(bucket, tx);
      const verdict = decide(limit, seen, now);
      // Thrown, it takes the other counts of this attempt back.
      if (!verdict.allowed) throw refusal(limit, verdict.retryAt - now);
      const { next, expiresAt } = verdict;
      if (await store.put(tx, bucket, seen, { ...next, expiresAt }))
        return { limit, bucket, since: next.since };
    }
    throw new Refusal({ code: 'unavailable', retryAfterSeconds: 1 });
  }

  /** All or none. In the order of their numbers, so that no two nodes wait for each other. */
  async function takeAll(buckets: readonly Bucket[]): Promise<Taken[]> {
    await look(buckets);
    const ordered = buckets.toSorted((a, b) => a.bucket - b.bucket);
    return transaction(async (tx) => {
      const taken: Taken[] = [];
      for (const bucket of ordered) taken.push(await take(tx, bucket));
      return taken;
    });
  }

  async function remember(tx: Tx, bucket: number): Promise<void> {
    const now = clock.now();
    const seen = await store.find(bucket, tx);
    // Written by another node at the same moment: then it is known as well.
    await store.put(tx, bucket, seen, { hits: 1, since: now, expiresAt: now + KNOWN_MS });
  }

  const attemptOf = (
    taken: readonly Taken[],
    { signal }: AttemptOrigin,
    succeed: (tx: Tx) => Promise<void>,
  ): Attempt => ({
    succeed: (tx) => (tx ? succeed(tx) : transaction(succeed)),
    async abandon(error) {
      // A client that disconnects while queued keeps its count; otherwise guessing would be free.
      if (!isUnavailable(error) || signal?.aborted) return;
      const takeBack = transaction(async (tx) => {
        for (const { bucket, since } of taken) await store.takeBack(tx, bucket, since);
      });
      // The caller reports `error`; a database that fails here as well adds nothing to it.
      await takeBack.catch(() => {});
    },
  });

  return {
    async begin(account, origin, onRefused) {
      const { network } = origin;
      const known = knownBucketOf(account, network);
      const buckets = [bucketOf(LOGIN_ACCOUNT, account, network), bucketOf(LOGIN_NETWORK, network)];
      // A network the account has logged in from is not held up by failures from elsewhere.
      const isKnown = ((await store.find(known))?.expiresAt ?? 0) > clock.now();
      if (!isKnown) buckets.push(bucketOf(LOGIN_FAILURES, account));
      const taken = await takeAll(buckets).catch(async (error) => {
        if (isRefusal(error, 'throttled')) await onRefused?.();
        throw error;
      });
      return attemptOf(taken, origin, async (tx) => {
        for (const { limit, bucket, since } of taken) {
          if (limit === LOGIN_NETWORK) await store.takeBack(tx, bucket, since);
          else await store.remove(tx, bucket);
        }
        if (isKnown) await store.remove(tx, bucketOf(LOGIN_FAILURES, account).bucket);
        await remember(tx, known);
      });
    },

    async register(account, origin) {
      const taken = await takeAll([bucketOf(REGISTER_NETWORK, origin.network)]);
      return attemptOf(taken, origin, (tx) => remember(tx, knownBucketOf(account, origin.network)));
    },

    refresh(sessionId) {
      const waitMs = refreshLimit(sessionId, clock.now());
      if (waitMs !== undefined) throw refusal(REFRESH_SESSION, waitMs);
    },
  };
}

const isRefusal = (error: unknown, code: 'unavailable' | 'throttled') =>
  error instanceof Refusal && error.refused.code === code;

/** What is answered 503: no capacity, or no database. */
const isUnavailable = (error: unknown) =>
  isRefusal(error, 'unavailable') || isDatabaseUnavailable(error);

const refusal = (limit: Limit, waitMs: number) =>
  new Refusal({
    code: 'throttled',
    retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)),
    limit: limit.name,
    quota: limit.quota,
    ...(limit.kind === 'quota' && { windowSeconds: limit.windowMs / 1000 }),
  });
