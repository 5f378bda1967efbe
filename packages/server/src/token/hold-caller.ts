import type { HoldCaller } from '../mfa/step-up.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { Users } from '../users/users.ts';
import { bearerTokenNotValid } from './refusals.ts';

type Deps = {
  readonly users: Pick<Users, 'holdValid'>;
  readonly sessions: Pick<Sessions, 'holdOpen'>;
};

/** For changes that outlive the session: its end may have been the owner's defence against them. */
export const createHoldCaller =
  ({ users, sessions }: Deps): HoldCaller =>
  async (tx, { user, sessionId: id }) => {
    // The account first, as in ends. What voids tokens without a session may keep this session.
    const honoured = id === undefined ? user.tokensValidFrom : Number.MAX_SAFE_INTEGER;
    const isActive = await users.holdValid(tx, user.id, honoured);
    const isOpen = id === undefined || (await sessions.holdOpen(tx, { id, userId: user.id }));
    if (!isActive || !isOpen) throw bearerTokenNotValid('revoked');
  };
