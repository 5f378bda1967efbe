import type { Transaction } from '../database/database.ts';
import { invalidFields, Refusal } from '../errors.ts';
import { REQUIRED } from '../http/refusals.ts';
import type { Factors } from '../mfa/factors.ts';
import { wrongCode } from '../mfa/refusals.ts';
import type { StepUp } from '../mfa/step-up.ts';
import type { Method } from '../sessions/authentication.ts';
import { REAUTHENTICATION_REQUIRED } from '../sessions/refusals.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { Reauthenticate } from '../users/reauthenticate.ts';
import type { Caller } from '../users/user.ts';
import { type SecondFactor, WITH_CODE } from './second-factor.ts';

type Request = Parameters<Reauthenticate>[2];
type Deps = {
  readonly reauthenticate: Reauthenticate;
  readonly factors: Factors;
  readonly secondFactor: Pick<SecondFactor, 'present'>;
  readonly sessions: Pick<Sessions, 'isFresh'>;
  readonly transaction: Transaction;
};

export function createStepUp(deps: Deps) {
  const { reauthenticate, factors, secondFactor, sessions, transaction } = deps;

  /**
   * Everything that a login of the account would ask for.
   *
   * @returns how the caller was authenticated
   */
  async function prove(
    caller: Caller,
    password: string,
    code: string | undefined,
    request: Request,
  ): Promise<readonly Method[]> {
    const { user } = caller;
    const isDemanded = (await factors.kindsOf(user.id)).length > 0;
    if (isDemanded && code === undefined) throw invalidFields({ code: [REQUIRED] });
    await reauthenticate(caller, password, request);
    if (!isDemanded || code === undefined) return ['pwd'];
    const shown = await secondFactor.present(user, code, request);
    if (!shown) throw wrongCode();
    await transaction(async (tx) => {
      if (!(await factors.spend(tx, user, shown.presented, request.device()))) throw wrongCode();
      await shown.attempt.succeed(tx);
    });
    return WITH_CODE;
  }

  const stepUp: StepUp = async (caller, proved, request) => {
    const { current_password: password, code } = proved;
    if (password !== undefined) await prove(caller, password, code, request);
    else if (!(await sessions.isFresh(caller.sessionId)))
      throw new Refusal(REAUTHENTICATION_REQUIRED);
  };
  return { prove, stepUp };
}

export type Prove = ReturnType<typeof createStepUp>['prove'];
