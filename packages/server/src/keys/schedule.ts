/**
 * When each key signs, verifies and is published: computed from the ring's rows and the time, so
 * that every node gets the same result at the same instant. Pure.
 */
export type Algorithm = 'HS256' | AsymmetricAlgorithm;
export type AsymmetricAlgorithm = 'EdDSA' | 'ES256' | 'RS256';

/**
 * A place in the ring. A place of HS256 holds no key: while it is current, or while the ring is
 * empty, the server's own secret signs access tokens.
 */
export type RingKey = {
  readonly kid: string;
  readonly alg: Algorithm;
  readonly serial: number;
  readonly state: 'next' | 'current' | 'retired';
  /** Times in epoch milliseconds. */
  readonly createdAt: number;
  /** When it begins to sign; NEVER = until rotated by command. */
  readonly activatesAt: number;
  /** When it stops verifying; `undefined` = not known yet, because it is in use. */
  readonly retiresAt: number | undefined;
  /** Milliseconds that the longest-lived token it signs may live. */
  readonly tokenLifetime: number;
};

/** The end of the year 9999. */
export const NEVER = 253_402_300_799_000;
/** Within this time every serving node knows what another has written: see key-ring.ts, lag. */
export const FOLLOW_BOUND_MS = 5000;
/** How far apart the clocks of two nodes may be; a retired key verifies this much longer. */
export const CLOCK_SKEW_MS = 60_000;

const MAX_AGE_SECONDS = 300;

/**
 * Seconds for which verifiers may keep the published keys: a hundredth of a rotation, at most five
 * minutes. Every key is published for longer than that before it signs.
 */
export const jwksMaxAge = (rotation: number | 'off'): number =>
  rotation === 'off'
    ? MAX_AGE_SECONDS
    : Math.min(MAX_AGE_SECONDS, Math.max(1, Math.floor(rotation / 100_000)));

/** Milliseconds between the publication of a key and its first signature. */
export const publicationLead = (rotation: number | 'off'): number =>
  jwksMaxAge(rotation) * 1000 + FOLLOW_BOUND_MS;

/** The key that signs; `undefined` = the ring is empty or its first key has not begun yet. */
export const signingKey = (ring: readonly RingKey[], now: number): RingKey | undefined =>
  ring
    .filter(
      // A key that is current by a faster clock is current here too.
      ({ state, activatesAt }) => state === 'current' || (state === 'next' && activatesAt <= now),
    )
    .reduce<RingKey | undefined>(
      (newest, key) => (newest && newest.serial > key.serial ? newest : key),
      undefined,
    );

/** The key that signs after the present one. */
export function nextKey(ring: readonly RingKey[], now: number): RingKey | undefined {
  const serial = signingKey(ring, now)?.serial ?? 0;
  return ring
    .filter((key) => key.state === 'next' && key.serial > serial)
    .reduce<RingKey | undefined>(
      (first, key) => (first && first.serial < key.serial ? first : key),
      undefined,
    );
}

/** The instant at which the result of `signingKey` changes, if no row does. */
export function nextSwitch(ring: readonly RingKey[], now: number): number {
  const current = signingKey(ring, now)?.serial ?? 0;
  const later = ring.filter(({ state, serial }) => state === 'next' && serial > current);
  return Math.min(NEVER, ...later.map(({ activatesAt }) => activatesAt));
}

/** Whether tokens of this key are accepted: from when it is known until it is retired. */
export const isVerifying = ({ retiresAt }: RingKey, now: number): boolean =>
  retiresAt === undefined || now < retiresAt;

/** When the last token expires of a key that stops signing at `stopsAt`. */
export const lastTokenExpiry = (tokenLifetime: number, stopsAt: number): number =>
  stopsAt + tokenLifetime + CLOCK_SKEW_MS;

/**
 * Until when access tokens signed with the server's own secret are accepted: while the secret signs
 * them or is about to, and until the last of them has expired. Its refresh tokens always are.
 */
export function secretVerifiesUntil(ring: readonly RingKey[], now: number): number {
  const current = signingKey(ring, now);
  if (current === undefined || current.alg === 'HS256') return NEVER;
  const stopsAt = (key: RingKey): number =>
    key.state === 'next'
      ? NEVER
      : (key.retiresAt ?? lastTokenExpiry(key.tokenLifetime, current.activatesAt));
  // Before the first key, the secret signed everything.
  const first = ring.find(({ serial }) => serial === 1);
  return Math.max(
    first ? lastTokenExpiry(first.tokenLifetime, first.activatesAt) : 0,
    ...ring.filter(({ alg }) => alg === 'HS256').map(stopsAt),
  );
}
