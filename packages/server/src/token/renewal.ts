import type { Transaction } from '../database/database.ts';
import { invalidFields } from '../errors.ts';
import { REQUIRED } from '../http/refusals.ts';
import type { Factors } from '../mfa/factors.ts';
import type { OneTimeTokens } from '../one-time-tokens/one-time-tokens.ts';
import type { HeldSession } from '../sessions/session.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { Renewal } from '../users/change-password.ts';
import type { Credentials } from '../users/credentials.ts';
import { wrongPassword } from '../users/reauthenticate.ts';
import { METHODS } from './methods.ts';
import { type SecondFactor, setUpRequired } from './second-factor.ts';
import type { Tokens } from './tokens.ts';

type Deps = {
  readonly sessions: Pick<Sessions, 'open'>;
  readonly tokens: Pick<Tokens, 'mintPair'>;
  readonly factors: Pick<Factors, 'kindsOf'>;
  readonly secondFactor: Pick<SecondFactor, 'mustSetUp'>;
  readonly oneTimeTokens: OneTimeTokens;
  readonly credentials: Pick<Credentials, 'recordPassword'>;
  readonly transaction: Transaction;
};

/** The session that a new password opens: in effect a login, so it requires what a login requires. */
export function createRenewal(deps: Deps): Renewal<HeldSession> {
  const { sessions, tokens, factors, secondFactor, oneTimeTokens, credentials, transaction } = deps;
  return {
    async admit({ user, checkedHash }) {
      if (!(await secondFactor.mustSetUp(user))) return;
      const token = await transaction(async (tx) => {
        const proof = { user, checkedHash, newHash: undefined };
        if (!(await credentials.recordPassword(tx, proof))) throw wrongPassword();
        return oneTimeTokens.issue(tx, user.id, 'factor_setup', '');
      });
      throw setUpRequired(oneTimeTokens.textsOf(token).link);
    },
    async open(tx, userId, device, shown) {
      const isLate = !shown && (await factors.kindsOf(userId, tx)).length > 0;
      // A factor was turned on after the password was checked.
      if (isLate) throw invalidFields({ code: [REQUIRED] });
      return sessions.open(tx, userId, device, shown && METHODS[shown]);
    },
    pair: tokens.mintPair,
  };
}
