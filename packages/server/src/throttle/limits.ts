/** Limits on attempts: pure decisions on counts. */
import type { RateName, Rates } from '../config/limits.ts';

/** A number per window; the first attempt opens the window. */
export type Quota = {
  readonly kind: 'quota';
  /** The name that clients read in `RateLimit-Policy`. */
  readonly name: string;
  readonly quota: number;
  readonly windowMs: number;
};

/** A number at once; after that a pause that doubles with each further attempt. */
type Backoff = {
  readonly kind: 'backoff';
  readonly name: string;
  readonly quota: number;
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  /** How long after the last attempt all are forgotten: while they are few, and when they are many. */
  readonly forgetFewMs: number;
  readonly forgetManyMs: number;
};

export type Limit = Quota | Backoff;

/** The stored state of one bucket. */
export type Count = {
  readonly hits: number;
  /** When the window of a quota opened, or a backoff was last hit; epoch milliseconds. */
  readonly since: number;
};

export type Verdict =
  | { readonly allowed: true; readonly next: Count; readonly expiresAt: number }
  | { readonly allowed: false; readonly retryAt: number };

const SECOND = 1000;
/** How far apart the clocks of two nodes may be. A count from further ahead is from a wrong clock. */
const CLOCK_SKEW_MS = 60 * SECOND;
const HOUR = 3600 * SECOND;

/** Every limit. Counts per session and per request are in memory, all others in the database. */
export function limitsOf(rates: Rates) {
  const quota = (name: RateName): Quota => ({ kind: 'quota', name, ...rates[name] });
  const failures = rates['login-failures'];
  return {
    account: quota('login-account'),
    network: quota('login-network'),
    devices: quota('login-device'),
    failures: {
      kind: 'backoff',
      name: 'login-failures',
      quota: failures.quota,
      firstPauseMs: Math.min(SECOND, failures.windowMs),
      longestPauseMs: failures.windowMs,
      forgetFewMs: HOUR,
      forgetManyMs: 24 * HOUR,
    } satisfies Backoff,
    accountSuccesses: quota('login-success-account'),
    networkSuccesses: quota('login-success-network'),
    confirmations: quota('confirm-account'),
    registrations: quota('register-network'),
    mails: quota('mail-account'),
    networkMails: quota('mail-network'),
    notices: quota('notice-account'),
    codes: quota('code-account'),
    factors: quota('factor-network'),
    accountFactors: quota('factor-account'),
    factorChanges: quota('factor-change'),
    passkeys: quota('passkey-network'),
    accountPasskeys: quota('passkey-account'),
    refreshes: quota('refresh-session'),
    looks: quota('look-session'),
    sessionRequests: quota('sessions-account'),
    feedRequests: quota('feed-network'),
    eventRequests: quota('events-key'),
  };
}

/** The same limit for a network that holds `times` as many clients. */
export type Limits = ReturnType<typeof limitsOf>;

export const widened = <L extends Limit>(limit: L, times: number): L => ({
  ...limit,
  quota: limit.quota * times,
});

/** Up to a quarter of the quota is few: the number that mistyping makes. */
const isFew = (hits: number, { quota }: Backoff) => hits * 4 <= quota;

/** Whether one more attempt is allowed at `now`, and the count then. Refused attempts are not counted. */
export function decide(limit: Limit, count: Count | undefined, now: number): Verdict {
  const known = count && count.since - now > CLOCK_SKEW_MS ? undefined : count;
  return limit.kind === 'quota' ? decideQuota(limit, known, now) : decideBackoff(limit, known, now);
}

function decideQuota({ quota, windowMs }: Quota, count: Count | undefined, now: number): Verdict {
  const end = count ? count.since + windowMs : 0;
  if (!count || now >= end)
    return { allowed: true, next: { hits: 1, since: now }, expiresAt: now + windowMs };
  if (count.hits >= quota) return { allowed: false, retryAt: end };
  return { allowed: true, next: { hits: count.hits + 1, since: count.since }, expiresAt: end };
}

function decideBackoff(limit: Backoff, count: Count | undefined, now: number): Verdict {
  const forgetMs = (hits: number) => (isFew(hits, limit) ? limit.forgetFewMs : limit.forgetManyMs);
  const isForgotten = !count || now >= count.since + forgetMs(count.hits);
  const hits = isForgotten ? 0 : count.hits;
  if (!isForgotten && hits >= limit.quota) {
    const pauseMs = limit.firstPauseMs * 2 ** (hits - limit.quota);
    const retryAt = count.since + Math.min(pauseMs, limit.longestPauseMs);
    if (now < retryAt) return { allowed: false, retryAt };
  }
  const next = { hits: hits + 1, since: now };
  return { allowed: true, next, expiresAt: now + forgetMs(next.hits) };
}

/** Half of the number that locks an account from all but known networks; true once on the way there. */
export const isMany = (hits: number, { quota }: Limit): boolean => hits === Math.ceil(quota / 2);
