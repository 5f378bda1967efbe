import type { Transaction } from '../database/database.ts';
import { invalidFields, Refusal } from '../errors.ts';
import { REQUIRED } from '../http/refusals.ts';
import type { Factors } from '../mfa/factors.ts';
import { wrongCode } from '../mfa/refusals.ts';
import type { StepUp } from '../mfa/step-up.ts';
import { REAUTHENTICATION_REQUIRED } from '../sessions/refusals.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { Throttle } from '../throttle/attempt.ts';
import type { Prove } from '../users/prove.ts';
import type { Reauthenticate } from '../users/reauthenticate.ts';
import type { SecondFactor } from './second-factor.ts';

type Deps = {
  readonly reauthenticate: Reauthenticate;
  readonly factors: Factors;
  readonly secondFactor: Pick<SecondFactor, 'present'>;
  readonly sessions: Pick<Sessions, 'isFresh'>;
  readonly throttle: Pick<Throttle, 'factorChange'>;
  readonly transaction: Transaction;
};

export function createStepUp(deps: Deps) {
  const { reauthenticate, factors, secondFactor, sessions, throttle, transaction } = deps;

  const prove: Prove = async (caller, { current_password: password, code }, request) => {
    const { user } = caller;
    const isDemanded = (await factors.kindsOf(user.id)).length > 0;
    if (isDemanded && code === undefined) throw invalidFields({ code: [REQUIRED] });
    const proof = await reauthenticate(caller, password, request);
    if (!isDemanded || code === undefined) return { ...proof, withCode: false };
    const shown = await secondFactor.present(user, code, request);
    if (!shown) throw wrongCode();
    await transaction(async (tx) => {
      if (!(await factors.spend(tx, user, shown.presented, request.device()))) throw wrongCode();
      await shown.attempt.succeed(tx);
    });
    return { ...proof, withCode: true };
  };

  const stepUp: StepUp = async (caller, proved, request) => {
    const { current_password: password } = proved;
    if (password !== undefined)
      await prove(caller, { ...proved, current_password: password }, request);
    else if (!(await sessions.isFresh(caller.sessionId)))
      throw new Refusal(REAUTHENTICATION_REQUIRED);
    await throttle.factorChange(caller.user.id, 'change');
  };
  return { prove, stepUp };
}
