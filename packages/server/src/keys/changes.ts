/**
 * What has to be changed in the ring: on schedule, at the start of a node, on command. Functions of
 * its rows, the time and the policy; they change nothing themselves. Pure.
 */
import {
  type Algorithm,
  CLOCK_SKEW_MS,
  FOLLOW_BOUND_MS,
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

/** Why a command changes nothing. */
export type Refused =
  | { readonly refused: 'secret_does_not_rotate' }
  | { readonly refused: 'already_planned'; readonly kid: string; readonly at: number }
  | { readonly refused: 'not_found' }
  | { readonly refused: 'holds_no_key' }
  | { readonly refused: 'already_retired'; readonly until: number };

type Ring = readonly RingKey[];

const lastSerial = (ring: Ring): number => Math.max(0, ...ring.map(({ serial }) => serial));

/** When a key that begins to sign at `activatesAt` is to be followed by the next one. */
const endOf = (activatesAt: number, { rotation }: RingPolicy): number =>
  rotation === 'off' ? NEVER : Math.min(NEVER, activatesAt + rotation);

const publishedLongEnough = (now: number, { rotation }: RingPolicy): number =>
  now + publicationLead(rotation);

/** What follows from the passing of time: the next key has become the current one, and needs one. */
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

/** `key` signs from `at` on; those before it verify until their last token has expired. */
function switchTo(ring: Ring, key: RingKey, at: number): Change[] {
  return [
    ...ring
      // One that was next was overtaken: it has signed for a moment at most.
      .filter(({ serial, state }) => serial < key.serial && state !== 'retired')
      .map(({ kid, tokenLifetime }): Change => {
        return { kind: 'retire', kid, retiresAt: lastTokenExpiry(tokenLifetime, at) };
      }),
    { kind: 'promote', kid: key.kid, activatesAt: at },
  ];
}

/**
 * What the start of a node with this configuration changes. The newest start decides the algorithm
 * of the ring, and nodes that run follow.
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
  // A switch that is near was commanded, or other nodes are about to make it.
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
function planAlgorithm(ring: Ring, now: number, alg: Algorithm, at: number): Change[] {
  const current = signingKey(ring, now);
  const next = nextKey(ring, now);
  // One that a node with a fast clock may have signed with stays, and this one comes after it.
  const isReplaceable = next !== undefined && next.activatesAt > now + CLOCK_SKEW_MS;
  const changes: Change[] = isReplaceable ? [{ kind: 'remove', kid: next.kid }] : [];
  const isBack = isReplaceable && (current?.alg ?? 'HS256') === alg;
  // Back to what signs now: dueChanges will make the next key.
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

export type Rotation = {
  readonly algorithm?: Algorithm | undefined;
  readonly now?: boolean | undefined;
};

/** `gatepass key rotate`: the next key signs as soon as every verifier can know it, or at once. */
export function rotateChanges(
  ring: Ring,
  now: number,
  policy: RingPolicy,
  { algorithm, now: atOnce = false }: Rotation,
): Change[] | Refused {
  const current = signingKey(ring, now);
  const next = nextKey(ring, now);
  const alg = algorithm ?? next?.alg ?? current?.alg ?? 'HS256';
  if (alg === 'HS256' && (current?.alg ?? 'HS256') === 'HS256' && !next)
    return { refused: 'secret_does_not_rotate' };
  if (next?.alg !== alg) {
    const at = atOnce ? now : publishedLongEnough(now, policy);
    return planAlgorithm(ring, now, alg, at);
  }
  if (atOnce) return switchTo(ring, next, now);
  const soonest = Math.max(
    now + FOLLOW_BOUND_MS,
    next.createdAt + publicationLead(policy.rotation),
  );
  if (next.activatesAt <= soonest)
    return { refused: 'already_planned', kid: next.kid, at: next.activatesAt };
  return [{ kind: 'reschedule', kid: next.kid, activatesAt: soonest }];
}

/**
 * `gatepass key retire`: a key stops signing. With `atOnce` it also stops verifying, and the next
 * one signs from now on.
 */
export function retireChanges(
  ring: Ring,
  now: number,
  policy: RingPolicy,
  kid: string,
  atOnce: boolean,
): Change[] | Refused {
  const key = ring.find((each) => each.kid === kid);
  if (!key) return { refused: 'not_found' };
  if (key.alg === 'HS256') return { refused: 'holds_no_key' };
  const current = signingKey(ring, now);
  const next = nextKey(ring, now);
  if (key.kid === current?.kid) {
    if (!atOnce) return rotateChanges(ring, now, policy, {});
    const kill: Change = { kind: 'kill', kid, retiresAt: now };
    return next
      ? [
          ...switchTo(ring, next, now).filter((change) => !('kid' in change && change.kid === kid)),
          kill,
        ]
      : [
          kill,
          {
            kind: 'create',
            alg: key.alg,
            serial: lastSerial(ring) + 1,
            state: 'current',
            activatesAt: now,
          },
        ];
  }
  if (key.state === 'next')
    return [
      { kind: 'remove', kid },
      {
        kind: 'create',
        alg: key.alg,
        serial: key.serial,
        state: 'next',
        activatesAt: Math.max(key.activatesAt, publishedLongEnough(now, policy)),
      },
    ];
  const until = key.retiresAt ?? now;
  if (!atOnce || until <= now) return { refused: 'already_retired', until };
  return [{ kind: 'kill', kid, retiresAt: now }];
}
