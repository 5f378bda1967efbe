/** Keys as operators see them: by the clock, even if a switch is not recorded yet. Pure. */
import type { Rows } from './ring-changes.ts';
import { lastTokenExpiry, NEVER, nextKey, type RingKey, signingKey } from './schedule.ts';

/** The name of the server's own secret, generated or configured. */
export const SECRET = 'hs256';

export type KeyView = {
  readonly kid: string;
  readonly alg: string;
  readonly state: RingKey['state'];
  readonly signs: 'access tokens' | 'refresh tokens' | 'all tokens' | 'nothing';
  readonly created_at: string | null;
  readonly activates_at: string | null;
  /** When it stops signing, if that is planned. */
  readonly signs_until: string | null;
  /** When it stops verifying, if that is known. */
  readonly verifies_until: string | null;
  /** `null` = nothing of it is stored. */
  readonly sealed: boolean | null;
};

const time = (epochMs: number | undefined): string | null =>
  epochMs === undefined || epochMs === NEVER ? null : new Date(epochMs).toISOString();

export function viewsOf({ ring, secret }: Rows, isConfigured: boolean, now: number): KeyView[] {
  const current = signingKey(ring, now);
  const next = nextKey(ring, now);
  const signsAll = current === undefined || current.alg === 'HS256';
  const own: KeyView = {
    kid: SECRET,
    alg: 'HS256',
    state: 'current',
    signs: signsAll ? 'all tokens' : 'refresh tokens',
    created_at: isConfigured ? null : time(secret?.createdAt),
    activates_at: isConfigured ? null : time(secret?.createdAt),
    signs_until: null,
    verifies_until: null,
    sealed: isConfigured || !secret ? null : secret.sealedBy !== undefined,
  };
  const view = (key: Rows['ring'][number]): KeyView => {
    const isCurrent = key.kid === current?.kid;
    const isNext = key.state === 'next' && key.serial > (current?.serial ?? 0);
    const state = isCurrent ? 'current' : isNext ? 'next' : 'retired';
    const successor = isCurrent ? next : current;
    const stopsAt = isNext ? undefined : successor?.activatesAt;
    const expiry = stopsAt === undefined ? NEVER : lastTokenExpiry(key.tokenLifetime, stopsAt);
    return {
      kid: key.kid,
      alg: key.alg,
      state,
      signs: isCurrent ? 'access tokens' : 'nothing',
      created_at: time(key.createdAt),
      activates_at: time(key.activatesAt),
      signs_until: state === 'current' ? time(stopsAt) : null,
      verifies_until: time(key.retiresAt ?? (stopsAt === NEVER ? NEVER : expiry)),
      sealed: key.alg === 'HS256' ? null : key.sealedBy !== undefined,
    };
  };
  const places = ring.toSorted((a, b) => a.serial - b.serial).map(view);
  return secret || isConfigured ? [own, ...places] : places;
}
