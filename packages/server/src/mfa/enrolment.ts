import type { Tx } from '../database/database.ts';
import { Refusal } from '../errors.ts';
import type { RequestView } from '../http/action.ts';
import type { Throttle } from '../throttle/attempt.ts';
import type { Caller } from '../users/user.ts';
import type { Factors } from './factors.ts';
import { EMAIL_UNPROVED, wrongCode } from './refusals.ts';
import type { HoldCaller, Proved, StepUp } from './step-up.ts';

const NAME_LENGTH = 60;

type Deps = {
  readonly factors: Pick<Factors, 'beginTotp' | 'confirmTotp'>;
  readonly stepUp: StepUp;
  readonly holdCaller: HoldCaller;
  readonly throttle: Pick<Throttle, 'factorChange'>;
  /** Whether mail is set up. If so, a reset may take the account back until its address is proved. */
  readonly hasMail: boolean;
  /** Records that the session was authenticated with a code. */
  readonly noteCode: (tx: Tx, session: { id: string; userId: number }) => Promise<unknown>;
};

export type Enrolment = ReturnType<typeof createEnrolment>;

/** A logged-in owner sets up an authenticator app, in the API and in the pages. */
export const createEnrolment = ({
  factors,
  stepUp,
  holdCaller,
  throttle,
  hasMail,
  noteCode,
}: Deps) => ({
  /** @throws {Refusal} `email_unproved`, or a refusal of `stepUp` */
  async begin(
    caller: Caller,
    { name = 'Authenticator app', ...proved }: Proved & { readonly name?: string },
    request: RequestView,
  ): Promise<{ secret: string; uri: string }> {
    const { user } = caller;
    if (hasMail && user.emailVerifiedAt === undefined) throw new Refusal(EMAIL_UNPROVED);
    await stepUp(caller, proved, request);
    return factors.beginTotp(user, name.slice(0, NAME_LENGTH));
  },

  /**
   * Turns the app on.
   *
   * @returns the recovery codes that come with a first factor
   * @throws {Refusal} `invalid_fields` of `code`, or `throttled`
   */
  async confirm(caller: Caller, code: string, request: RequestView): Promise<string[]> {
    const { user, sessionId } = caller;
    await throttle.factorChange(user.id, 'code');
    const codes = await factors.confirmTotp(user, code, {
      by: request.device(),
      sessionId,
      hold: (tx) => holdCaller(tx, caller),
      within: async (tx) => {
        if (sessionId !== undefined) await noteCode(tx, { id: sessionId, userId: user.id });
      },
    });
    if (!codes) throw wrongCode();
    return codes;
  },
});
