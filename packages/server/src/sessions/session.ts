import type { Origin } from '../audit/event.ts';
import type { PublicId } from '../config/public-id.ts';
import type { RotationState } from './rotation.ts';

/** The origin of a login, kept for the list of devices. */
export type Device = {
  /** As the client sent it, cut to 200 characters. */
  readonly userAgent: string;
  /** The network address the request came from. */
  readonly address: string;
};

type Core = Pick<
  RotationState,
  'generation' | 'rotatedAt' | 'createdAt' | 'expiresAt' | 'endedAt'
> & {
  /** 128 random bits in base64url; the `sid` of its tokens. */
  readonly id: string;
  readonly userId: number;
  readonly lastUsedAt: number;
  /** Which of the account's series of sessions it belongs to. */
  readonly series: number;
  /** As `authentication.ts` stores it; `undefined` = by password, when it was created. */
  readonly auth?: string | undefined;
};

export type Session = Core & RotationState;

/** A session as it is stored and listed. */
export type DeviceSession = Session & Device;

/** The owner's part of a session's tokens. */
export type SessionOwner = {
  readonly publicId: PublicId;
  /** Custom claims of access tokens: a JSON object as it is stored. */
  readonly claims: string;
  readonly claimsVersion: number;
};

/** A session that tokens can be minted for. */
export type HeldSession = Core & { readonly owner: SessionOwner };

/** A session with the state of its owner: all that a refresh without rotation needs, in one read. */
export type OwnedSession = HeldSession & {
  readonly isUserActive: boolean;
  /** `false` = all sessions of its series have ended. */
  readonly isOfPresentSeries: boolean;
};

/** The same with what decides about its rotation. */
export type RotatingSession = OwnedSession & RotationState;

/** The state before any rotation. */
export const UNROTATED = {
  generation: 0,
  rotatedBy: '',
  givenAt: 0,
  givenTo: '',
  lateGeneration: 0,
  lateStreak: 0,
} as const;

/** A change of the account that ends its sessions, all or all but one. */
export type AccountChange = {
  readonly except?: string | undefined;
  /** Epoch seconds. */
  readonly issuedBefore: number;
  readonly by: Origin;
};

/** Why a session that was found may not be used, before its generation is looked at. */
export function standing(
  session: OwnedSession | undefined,
  userId: PublicId | undefined,
): 'revoked' | 'user_inactive' | undefined {
  // A missing session ended long ago or belongs to another user; the response does not tell which.
  if (!session || session.owner.publicId !== userId) return 'revoked';
  if (!session.isUserActive) return 'user_inactive';
  const isOpen = session.endedAt === undefined && session.isOfPresentSeries;
  return isOpen ? undefined : 'revoked';
}
