/** How often something may be tried, as pure decisions on what has been counted. */

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

/** What is stored of one bucket. */
export type Count = {
  readonly hits: number;
  /** Of a quota when its window opened, of a backoff when it was last hit; epoch ms. */
  readonly since: number;
};

export type Verdict =
  | { readonly allowed: true; readonly next: Count; readonly expiresAt: number }
  | { readonly allowed: false; readonly retryAt: number };

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

export const LOGIN_ACCOUNT: Quota = {
  kind: 'quota',
  name: 'login-account',
  quota: 10,
  windowMs: 15 * MINUTE,
};
export const LOGIN_NETWORK: Quota = {
  kind: 'quota',
  name: 'login-network',
  quota: 100,
  windowMs: 15 * MINUTE,
};
export const LOGIN_FAILURES: Backoff = {
  kind: 'backoff',
  name: 'login-failures',
  quota: 20,
  firstPauseMs: SECOND,
  longestPauseMs: 15 * MINUTE,
  forgetFewMs: HOUR,
  forgetManyMs: 24 * HOUR,
};
export const REGISTER_NETWORK: Quota = {
  kind: 'quota',
  name: 'register-network',
  quota: 10,
  windowMs: HOUR,
};
export const REFRESH_SESSION: Quota = {
  kind: 'quota',
  name: 'refresh-session',
  quota: 60,
  windowMs: MINUTE,
};

/** Up to so many failures, a quarter of the quota, are few: what mistyping makes. */
const isFew = (hits: number, { quota }: Backoff) => hits * 4 <= quota;

/** Whether one more is allowed at `now`, and what is counted then. Refused ones are not counted. */
export function decide(limit: Limit, count: Count | undefined, now: number): Verdict {
  return limit.kind === 'quota' ? decideQuota(limit, count, now) : decideBackoff(limit, count, now);
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
