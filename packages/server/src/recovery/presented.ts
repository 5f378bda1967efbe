/** A user's proof from a mail: the link's two parts, or an address and the code. */

import type { PublicId } from '../config/public-id.ts';
import type { OneTimeTokens } from '../one-time-tokens/one-time-tokens.ts';
import type { Purpose } from '../one-time-tokens/purpose.ts';
import type { StoredToken } from '../one-time-tokens/store.ts';
import type { Throttle } from '../throttle/attempt.ts';
import { parseEmail } from '../users/email.ts';
import { readUid } from './links.ts';

export type Presented =
  | { readonly uid: string; readonly token: string }
  | { readonly email: string; readonly code: string };

/** Counts an attempt at an account's code, whether it exists or not. @throws {Refusal} `throttled` */
type CountCode = Throttle['code'];

type Found = { readonly id: number } | undefined;

type Deps = {
  readonly users: {
    findByEmail(email: string): Promise<Found>;
    findByPublicId(id: PublicId): Promise<Found>;
  };
  readonly oneTimeTokens: OneTimeTokens;
  readonly countCode: CountCode;
};

export type FindPresented = (
  presented: Presented,
  purpose: Purpose,
) => Promise<StoredToken | undefined>;

/** Finds the live token of a link or a code. The callers check that the account is active. */
export const createFindPresented =
  ({ users, oneTimeTokens, countCode }: Deps): FindPresented =>
  async (presented, purpose) => {
    if ('token' in presented) {
      const uid = readUid(presented.uid);
      const user = uid === undefined ? undefined : await users.findByPublicId(uid);
      return user && oneTimeTokens.byLink(presented.token, user.id, purpose);
    }
    const address = parseEmail(presented.email);
    if (!address) return undefined;
    const user = await users.findByEmail(presented.email);
    // One commit whether or not there is a token, so that the time does not reveal it.
    return oneTimeTokens.byCode(presented.code, user?.id ?? 0, purpose, (within) =>
      countCode(address.canonical, within),
    );
  };
