/** What a person brings from a mail: the link's two parts, or an address and the code. */

import type { OneTimeTokens } from '../one-time-tokens/one-time-tokens.ts';
import type { Purpose } from '../one-time-tokens/purpose.ts';
import type { StoredToken } from '../one-time-tokens/store.ts';
import { parseEmail } from '../users/email.ts';
import type { Users } from '../users/users.ts';
import { readUid } from './links.ts';

export type Presented =
  | { readonly uid: string; readonly token: string }
  | { readonly email: string; readonly code: string };

/** How often codes may be tried for an account, whether it exists or not. @throws {Refusal} `throttled` */
export type CountCode = (account: string) => Promise<void>;

type Deps = {
  readonly users: Users;
  readonly oneTimeTokens: OneTimeTokens;
  readonly countCode: CountCode;
};

export type FindPresented = (
  presented: Presented,
  purpose: Purpose,
) => Promise<StoredToken | undefined>;

/** Finds the live token behind a link or a code; an active account is demanded by its effect. */
export const createFindPresented =
  ({ users, oneTimeTokens, countCode }: Deps): FindPresented =>
  async (presented, purpose) => {
    if ('token' in presented) {
      const userId = readUid(presented.uid);
      return userId === undefined
        ? undefined
        : oneTimeTokens.byLink(presented.token, userId, purpose);
    }
    const address = parseEmail(presented.email);
    if (!address) return undefined;
    await countCode(address.canonical);
    const user = await users.findByEmail(presented.email);
    return oneTimeTokens.byCode(presented.code, user?.id ?? 0, purpose);
  };
