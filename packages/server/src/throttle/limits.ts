/** How often something may be tried, as pure decisions on what has been counted. */
import type { RateName, Rates } from '../config/limits.ts';

/** So many per window, which opens with the first. */
export type Quota = {
  readonly kind: 'quota';
  /** As clients read it in `RateLimit-Policy`. */
  readonly name: string;
  readonly quota: number;
  readonly windowMs: number;
};

/** So many at once; after that a pause that doubles with each one more. */
export type Backoff = {
  readonly kind: 'backoff';
  readonly name: string;
  readonly quota: number;
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  /** How long after the last one all are forgotten: while they are few, and when they are many. */
  readonly forgetFewMs: number;
  readonly forgetManyMs: number;
};

export type Limit = Quota | Backoff;

/** The stored state of one bucket. */
export type Count = {
  readonly hits: number;
  /** Of a quota when its window opened, of a backoff when it was last hit; epoch ms. */
  readonly since: number;
};

export type Verdict =
  | { readonly allowed: true; readonly next: Count; readonly expiresAt: number }
  | { readonly allowed: false; readonly retryAt: number };

const SECOND = 1000;
/** How far apart the clocks of two nodes may be. A count from further ahead is of a clock that was wrong. */
const CLOCK_SKEW_MS = 60 * SECOND;
const HOUR = 3600 * SECOND;

/** Every limit; what is counted per session or request is counted in memory, all else in the database. */
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

/** Up to so many failures, a quarter of the quota, are few: what mistyping makes. */
const isFew = (hits: number, { quota }: Backoff) => hits * 4 <= quota;

/** Whether one more is allowed at `now`, and what is counted then. Refused ones are not counted. */
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

/** Half of what holds an account up from all networks but known ones: said once on the way there. */
export const isMany = (hits: number, { quota }: Limit): boolean => hits === Math.ceil(quota / 2);
