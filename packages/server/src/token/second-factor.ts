import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../clock.ts';
import type { Transaction, Tx } from '../database/database.ts';
import { Refusal } from '../errors.ts';
import type { RequestView } from '../http/action.ts';
import type { PresentedCode } from '../mfa/codes.ts';
import type { FactorKind, Factors } from '../mfa/factors.ts';
import { challengeNotValid, SECOND_FACTOR_INVALID } from '../mfa/refusals.ts';
import type { Requirement } from '../mfa/requirement.ts';
import type { OneTimeTokens } from '../one-time-tokens/one-time-tokens.ts';
import type { Attempt, Throttle } from '../throttle/attempt.ts';
import type { Credentials, LoginProof } from '../users/credentials.ts';
import type { Notify } from '../users/notify.ts';
import type { User } from '../users/user.ts';
import type { FactorSetUp } from './factor-set-up.ts';
import type { ReadDevice } from './known-device.ts';
import { METHODS } from './methods.ts';
import type { CompleteLogin, LoggedIn, OpenSession } from './open-session.ts';
import { SECOND_FACTOR_REQUIRED, SECOND_FACTOR_SETUP_REQUIRED } from './refusals.ts';

type Request = Pick<RequestView, 'device' | 'requester'> & {
  /** The token of a device that has logged in before. */
  readonly deviceToken?: string | undefined;
};
type Device = ReturnType<RequestView['device']>;

export type SecondFactor = ReturnType<typeof createSecondFactor>;

type Deps = {
  readonly factors: Factors;
  readonly oneTimeTokens: OneTimeTokens;
  readonly credentials: Credentials;
  readonly throttle: Throttle;
  readonly openSession: OpenSession;
  readonly audit: Pick<Audit, 'failedLogin'>;
  readonly notify: Notify;
  readonly transaction: Transaction;
  readonly requirement: Pick<Requirement, 'requiredFrom'>;
  readonly setUp: FactorSetUp;
  readonly readDevice: ReadDevice;
  readonly clock: Clock;
};

const required = (methods: readonly FactorKind[]) => (challenge: string) =>
  new Refusal(SECOND_FACTOR_REQUIRED, { fieldsBeside: { challenge, methods } });
export const setUpRequired = (challenge: string) =>
  new Refusal(SECOND_FACTOR_SETUP_REQUIRED, { fieldsBeside: { challenge } });

/** The step of a login between the password and the session. */
export function createSecondFactor(deps: Deps) {
  const { factors, oneTimeTokens, credentials, throttle, openSession } = deps;
  const { audit, notify, transaction, requirement, setUp, readDevice, clock } = deps;

  function noteFailure(user: User, by: Device): void {
    const event = {
      event: 'login.fail',
      userId: user.id,
      by,
      details: { reason: 'wrong_code' },
    } as const;
    audit.failedLogin(event);
  }

  /** @param within runs in the transaction that counts the attempt */
  async function count(user: User, request: Request, within: (tx: Tx) => Promise<void>) {
    const names = credentials.namesOf(user);
    const origin = {
      ...request.requester(),
      device: request.device().userAgent,
      knownDevice: readDevice(request.deviceToken, user.canonicalEmail),
    };
    const requester = await throttle.recognise(user.canonicalEmail, origin);
    return { attempt: await throttle.factor(user.id, names, requester, within), requester };
  }

  /**
   * Counts an attempt, then looks the code up.
   *
   * @param within runs in the transaction that counts it
   * @throws {Refusal} `throttled`
   */
  async function present(
    user: User,
    code: string,
    request: Request,
    within: (tx: Tx) => Promise<void> = async () => {},
  ) {
    const by = request.device();
    const { attempt, requester } = await count(user, request, within);
    const presented = await factors.present(user.id, code);
    if (presented) return { presented, attempt, requester };
    noteFailure(user, by);
    if (attempt.failures !== undefined)
      await transaction((tx) => notify(tx, user, 'factor_failures', by));
    return undefined;
  }

  /** Spends the code in the transaction that opens the session. @throws {Refusal} where it was spent */
  const spending =
    (user: User, presented: PresentedCode, by: Device) =>
    async (tx: Tx): Promise<true> => {
      if (await factors.spend(tx, user, presented, by)) return true;
      noteFailure(user, by);
      throw new Refusal(SECOND_FACTOR_INVALID);
    };

  /** @returns `undefined` when the account has changed meanwhile */
  const challengeFor = (
    proof: LoginProof,
    attempt: Attempt,
    purpose: 'second_factor' | 'factor_setup',
    refusalOf: (challenge: string) => Refusal,
  ) =>
    transaction(async (tx) => {
      if (!(await credentials.recordPassword(tx, proof))) return undefined;
      await attempt.succeed(tx, false);
      const token = await oneTimeTokens.issue(tx, proof.user.id, purpose, '');
      return refusalOf(oneTimeTokens.textsOf(token).link);
    });

  /** Whether the account must have a factor by now. */
  function isDue(user: User): boolean {
    const from = requirement.requiredFrom(user);
    return from !== undefined && clock.now() >= from;
  }

  /** Whether it must have one, and has none. */
  const mustSetUp = async (user: User): Promise<boolean> =>
    isDue(user) && (await factors.kindsOf(user.id)).length === 0;

  return {
    present,
    isDue,
    mustSetUp,

    /**
     * Decides what a login whose password was right still has to prove: nothing, or a code.
     *
     * @param isRequired whether the account must have a factor here, even if others need none
     * @returns `undefined` when the account has changed meanwhile
     * @throws {Refusal} `second_factor_setup_required`, `second_factor_required` with a challenge, where a code is needed and none came;
     *   `second_factor_invalid` or `throttled`
     */
    async ask(
      proof: LoginProof,
      code: string | undefined,
      attempt: Attempt,
      request: Request,
      isRequired = false,
    ): Promise<Pick<CompleteLogin, 'attempt' | 'methods' | 'within'> | undefined> {
      const { user } = proof;
      const kinds = await factors.kindsOf(user.id);
      if (kinds.length === 0 && (isRequired || isDue(user))) {
        const refusal = await challengeFor(proof, attempt, 'factor_setup', setUpRequired);
        if (refusal) throw refusal;
        return undefined;
      }
      if (kinds.length === 0)
        return { attempt, within: async (tx) => (await factors.kindsOf(user.id, tx)).length === 0 };
      if (code === undefined) {
        const refusal = await challengeFor(proof, attempt, 'second_factor', required(kinds));
        if (refusal) throw refusal;
        return undefined;
      }
      // The password was right; wrong codes are counted separately.
      await attempt.succeed(undefined, false);
      const shown = await present(user, code, request);
      if (!shown) throw new Refusal(SECOND_FACTOR_INVALID);
      const within = spending(user, shown.presented, request.device());
      return { attempt: shown.attempt, methods: METHODS.code, within };
    },

    /**
     * Completes a login whose password was right.
     *
     * @throws {Refusal} `challenge_not_valid`, `second_factor_invalid` or `throttled`
     */
    async complete(
      { challenge, code }: { challenge: string; code: string },
      request: Request,
    ): Promise<LoggedIn> {
      const begun = await oneTimeTokens.byText(challenge, 'factor_setup');
      if (begun)
        return setUp.complete(begun, code, request, (user, within) => count(user, request, within));
      const token = await oneTimeTokens.byText(challenge, 'second_factor');
      const proof = token && (await credentials.resume(token.userId));
      if (!proof) throw challengeNotValid();
      const { user } = proof;
      const device = request.device();
      const shown = await present(user, code, request, async (tx) => {
        if (!(await oneTimeTokens.attempt(tx, token))) throw challengeNotValid();
      });
      if (!shown) throw new Refusal(SECOND_FACTOR_INVALID);
      const { presented, attempt, requester } = shown;
      const spend = spending(user, presented, device);
      const session = await openSession({
        ...{ proof, device, requester, attempt },
        account: user.canonicalEmail,
        methods: METHODS.code,
        within: async (tx) => (await oneTimeTokens.spend(tx, token)) && spend(tx),
      });
      if (!session) throw challengeNotValid();
      return { session, user };
    },
  };
}
