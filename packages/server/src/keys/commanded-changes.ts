/** The changes of `gatepass key rotate` and `retire`. Pure. */
import {
  type Change,
  lastSerial,
  planAlgorithm,
  publishedLongEnough,
  type Ring,
  type RingPolicy,
  switchTo,
} from './changes.ts';
import {
  type Algorithm,
  FOLLOW_BOUND_MS,
  nextKey,
  publicationLead,
  signingKey,
} from './schedule.ts';

/** Why a command changes nothing. */
export type Refused =
  | { readonly refused: 'secret_does_not_rotate' }
  | { readonly refused: 'already_planned'; readonly kid: string; readonly at: number }
  | { readonly refused: 'not_found' }
  | { readonly refused: 'holds_no_key' }
  | { readonly refused: 'already_retired'; readonly until: number };

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
