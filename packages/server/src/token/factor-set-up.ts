import type { Tx } from '../database/database.ts';
import { Refusal } from '../errors.ts';
import type { RequestView } from '../http/action.ts';
import type { Factors } from '../mfa/factors.ts';
import { challengeNotValid, EMAIL_UNPROVED, SECOND_FACTOR_INVALID } from '../mfa/refusals.ts';
import type { OneTimeTokens, Presented } from '../one-time-tokens/one-time-tokens.ts';
import type { Attempt, AttemptOrigin, Recognised, Throttle } from '../throttle/attempt.ts';
import type { Credentials } from '../users/credentials.ts';
import type { User } from '../users/user.ts';
import type { LoggedIn, OpenSession } from './open-session.ts';

type Request = Pick<RequestView, 'device' | 'requester'>;
type Counted = { readonly attempt: Attempt; readonly requester: AttemptOrigin & Recognised };

type Deps = {
  readonly factors: Factors;
  readonly oneTimeTokens: OneTimeTokens;
  readonly credentials: Credentials;
  readonly openSession: OpenSession;
  readonly throttle: Pick<Throttle, 'factorChange'>;
  /** Whether mail is set up: until the address is proved, a reset may take the account back. */
  readonly hasMail: boolean;
};

/**
 * The login of an account that must have a factor and has none: the first factor is set up between
 * the password and the session, and no session exists before.
 */
export function createFactorSetUp(deps: Deps) {
  const { factors, oneTimeTokens, credentials, openSession, throttle, hasMail } = deps;

  return {
    /** Begins to set up an app. @throws {Refusal} `challenge_not_valid` or `email_unproved` */
    async begin(challenge: string): Promise<{ secret: string; uri: string }> {
      const token = await oneTimeTokens.byText(challenge, 'factor_setup');
      const proof = token && (await credentials.resume(token.userId));
      if (!proof) throw challengeNotValid();
      if ((await factors.kindsOf(proof.user.id)).length > 0) throw challengeNotValid();
      if (hasMail && proof.user.emailVerifiedAt === undefined) throw new Refusal(EMAIL_UNPROVED);
      await throttle.factorChange(proof.user.id, 'change');
      return factors.beginTotp(proof.user, 'Authenticator app');
    },

    /**
     * Turns the app on and opens the session.
     *
     * @param count counts the attempt before the code is looked at
     */
    async complete(
      token: Presented,
      code: string,
      request: Request,
      count: (user: User, within: (tx: Tx) => Promise<void>) => Promise<Counted>,
    ): Promise<LoggedIn> {
      const proof = await credentials.resume(token.userId);
      if (!proof) throw challengeNotValid();
      const { user } = proof;
      const device = request.device();
      const counted = await count(user, async (tx) => {
        if (!(await oneTimeTokens.attempt(tx, token))) throw challengeNotValid();
      });
      const prepared = await factors.prepareTotp(user, code);
      if (!prepared) throw new Refusal(SECOND_FACTOR_INVALID);
      let turnedOn: Awaited<ReturnType<typeof factors.turnOn>>;
      const session = await openSession({
        ...{ proof, device, ...counted },
        account: user.canonicalEmail,
        methods: ['pwd', 'otp', 'mfa'],
        async within(tx) {
          // If a factor was turned on meanwhile, this login must use it.
          if ((await factors.kindsOf(user.id, tx)).length > 0) return false;
          if (!(await oneTimeTokens.spend(tx, token))) return false;
          turnedOn = await factors.turnOn(tx, user, prepared, { by: device, sessionId: undefined });
          return turnedOn !== undefined;
        },
      });
      if (!session || !turnedOn) throw challengeNotValid();
      await turnedOn.committed();
      return { session, user, recoveryCodes: turnedOn.codes };
    },
  };
}

export type FactorSetUp = ReturnType<typeof createFactorSetUp>;
