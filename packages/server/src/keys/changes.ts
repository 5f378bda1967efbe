/**
 * Changes of the ring, on schedule and at the start of a node: decided from its rows, the time and
 * the policy, and carried out elsewhere. Pure.
 */
import {
  type Algorithm,
  CLOCK_SKEW_MS,
  lastTokenExpiry,
  NEVER,
  nextKey,
  publicationLead,
  type RingKey,
  signingKey,
} from './schedule.ts';

export type RingPolicy = {
  /** Milliseconds a key signs. */
  readonly rotation: number | 'off';
  /** Milliseconds an access token lives. */
  readonly accessTokenLifetime: number;
};

/** Each is one conditional statement: it fails when another process was faster. */
export type Change =
  | {
      readonly kind: 'create';
      readonly alg: Algorithm;
      readonly serial: number;
      readonly state: 'next' | 'current';
      readonly activatesAt: number;
    }
  | { readonly kind: 'promote'; readonly kid: string; readonly activatesAt: number }
  | { readonly kind: 'retire'; readonly kid: string; readonly retiresAt: number }
  | { readonly kind: 'kill'; readonly kid: string; readonly retiresAt: number }
  | { readonly kind: 'reschedule'; readonly kid: string; readonly activatesAt: number }
  | { readonly kind: 'extend'; readonly kid: string; readonly tokenLifetime: number }
  | { readonly kind: 'remove'; readonly kid: string };

export type Ring = readonly RingKey[];

export const lastSerial = (ring: Ring): number => Math.max(0, ...ring.map(({ serial }) => serial));

/** When a key that begins to sign at `activatesAt` is to be followed by the next one. */
const endOf = (activatesAt: number, { rotation }: RingPolicy): number =>
  rotation === 'off' ? NEVER : Math.min(NEVER, activatesAt + rotation);

export const publishedLongEnough = (now: number, { rotation }: RingPolicy): number =>
  now + publicationLead(rotation);

/** Changes that are due: the next key has become the current one and needs a successor. */
export function dueChanges(ring: Ring, now: number, policy: RingPolicy): Change[] {
  const current = signingKey(ring, now);
  if (!current) return [];
  const changes: Change[] =
    current.state === 'next' ? switchTo(ring, current, current.activatesAt) : [];
  if (current.alg !== 'HS256' && !nextKey(ring, now)) {
    const activatesAt = endOf(current.activatesAt, policy);
    changes.push({
      kind: 'create',
      alg: current.alg,
      serial: lastSerial(ring) + 1,
      state: 'next',
      activatesAt: Math.max(activatesAt, publishedLongEnough(now, policy)),
    });
  }
  return changes;
}

/** `key` signs from `at` on; earlier keys verify until their last token has expired. */
export function switchTo(ring: Ring, key: RingKey, at: number): Change[] {
  return [
    ...ring
      // A key that was next was overtaken: it has signed for a moment at most.
      .filter(({ serial, state }) => serial < key.serial && state !== 'retired')
      .map(({ kid, tokenLifetime }): Change => {
        return { kind: 'retire', kid, retiresAt: lastTokenExpiry(tokenLifetime, at) };
      }),
    { kind: 'promote', kid: key.kid, activatesAt: at },
  ];
}

/**
 * The changes at the start of a node with this configuration. The newest start decides the algorithm
 * of the ring, and running nodes follow.
 *
 * @param isFresh no client holds a token yet, so the first key may sign at once
 */
export function startChanges(
  ring: Ring,
  now: number,
  policy: RingPolicy,
  algorithm: Algorithm,
  isFresh: boolean,
): Change[] {
  const changes = ring
    .filter(
      ({ state, tokenLifetime }) =>
        state !== 'retired' && tokenLifetime < policy.accessTokenLifetime,
    )
    .map(({ kid }): Change => ({ kind: 'extend', kid, tokenLifetime: policy.accessTokenLifetime }));
  const current = signingKey(ring, now);
  const next = nextKey(ring, now);
  const planned = (next ?? current)?.alg ?? 'HS256';
  if (planned !== algorithm) {
    const at = isFresh && !current && !next ? now : publishedLongEnough(now, policy);
    return [...changes, ...planAlgorithm(ring, now, algorithm, at)];
  }
  // An imminent switch was commanded, or other nodes are about to make it.
  if (
    next &&
    current &&
    next.alg === current.alg &&
    next.activatesAt > publishedLongEnough(now, policy)
  ) {
    const activatesAt = Math.max(
      endOf(current.activatesAt, policy),
      publishedLongEnough(now, policy),
    );
    if (activatesAt !== next.activatesAt)
      changes.push({ kind: 'reschedule', kid: next.kid, activatesAt });
  }
  return changes;
}

/** A key of another algorithm takes the place of the next one, which has never signed. */
export function planAlgorithm(ring: Ring, now: number, alg: Algorithm, at: number): Change[] {
  const current = signingKey(ring, now);
  const next = nextKey(ring, now);
  // A key that a node with a fast clock may have used stays; the new one follows it.
  const isReplaceable = next !== undefined && next.activatesAt > now + CLOCK_SKEW_MS;
  const changes: Change[] = isReplaceable ? [{ kind: 'remove', kid: next.kid }] : [];
  const isBack = isReplaceable && (current?.alg ?? 'HS256') === alg;
  // Back to the algorithm that signs now: dueChanges will make the next key.
  if (isBack) return changes;
  return [
    ...changes,
    {
      kind: 'create',
      alg,
      serial: isReplaceable ? next.serial : lastSerial(ring) + 1,
      state: 'next',
      activatesAt: at,
    },
  ];
}
