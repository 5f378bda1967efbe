import type { HoldCaller } from '../mfa/step-up.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { Users } from '../users/users.ts';
import { bearerTokenNotValid } from './refusals.ts';

type Deps = {
  readonly users: Pick<Users, 'holdValid'>;
  readonly sessions: Pick<Sessions, 'holdOpen'>;
};

/** For changes that outlive the session: the owner may have ended it to prevent them. */
export const createHoldCaller =
  ({ users, sessions }: Deps): HoldCaller =>
  async (tx, { user, sessionId: id }) => {
    // The account is locked first, as in ends. A change that voids sessionless tokens may keep this
    // session.
    const honoured = id === undefined ? user.tokensValidFrom : Number.MAX_SAFE_INTEGER;
    const isActive = await users.holdValid(tx, user.id, honoured);
    const isOpen = id === undefined || (await sessions.holdOpen(tx, { id, userId: user.id }));
    if (!isActive || !isOpen) throw bearerTokenNotValid('revoked');
  };
