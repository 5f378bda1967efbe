import type { Audit } from '../audit/audit.ts';
import type { Transaction } from '../database/database.ts';
import { Refusal } from '../errors.ts';
import type { RequestView } from '../http/action.ts';
import type { Passkeys } from '../mfa/passkeys.ts';
import { challengeNotValid, PASSKEY_NOT_VALID } from '../mfa/refusals.ts';
import type { OneTimeTokens } from '../one-time-tokens/one-time-tokens.ts';
import type { Throttle } from '../throttle/attempt.ts';
import type { Credentials } from '../users/credentials.ts';
import type { ReadDevice } from './known-device.ts';
import { BY_PASSKEY, METHODS } from './methods.ts';
import type { LoggedIn, OpenSession } from './open-session.ts';
import { EMAIL_NOT_VERIFIED } from './refusals.ts';

export type PasskeyLogin = ReturnType<typeof createPasskeyLogin>;

type Request = Pick<RequestView, 'device' | 'requester'> & {
  /** The token of a device that has logged in before. */
  readonly deviceToken?: string | undefined;
};

type Deps = {
  readonly passkeys: Passkeys;
  readonly oneTimeTokens: OneTimeTokens;
  readonly credentials: Credentials;
  readonly throttle: Pick<Throttle, 'passkey' | 'recognise'>;
  readonly openSession: OpenSession;
  readonly audit: Pick<Audit, 'failedLogin'>;
  readonly readDevice: ReadDevice;
  /** `required`: no session is opened until the address is verified. */
  readonly verification: 'off' | 'optional' | 'required';
  readonly transaction: Transaction;
};

const LOGIN = { purpose: 'login' } as const;

/** Logins with a passkey: without a password, or as the second factor after one. */
export function createPasskeyLogin(deps: Deps) {
  const { passkeys, oneTimeTokens, credentials, throttle, openSession, audit, readDevice } = deps;

  return {
    /**
     * Options with which a browser uses a passkey.
     *
     * @param begun the challenge of a login whose password was right; absent: a login by passkey
     *   alone
     * @throws {Refusal} `challenge_not_valid`
     */
    async ask(begun: string | undefined) {
      if (begun === undefined) return passkeys.ask(LOGIN);
      const token = await oneTimeTokens.byText(begun, 'second_factor');
      if (!token) throw challengeNotValid();
      return passkeys.ask(LOGIN, { userId: token.userId, tokenId: token.id });
    },

    /**
     * Opens a session for a passkey.
     *
     * @throws {Refusal} `challenge_not_valid`, `passkey_not_valid`, `email_not_verified` or `throttled`
     */
    async complete(
      shown: { readonly challenge: string; readonly credential: unknown },
      request: Request,
    ): Promise<LoggedIn> {
      const device = request.device();
      const origin = { ...request.requester(), device: device.userAgent };
      const challenge = passkeys.read(LOGIN, shown.challenge);
      const tokenId = challenge?.tokenId ?? 0;
      const token = tokenId === 0 ? undefined : await oneTimeTokens.findLive(tokenId);
      let isFirst = false;
      // Any response uses the challenge up.
      const succeed = await throttle.passkey(origin.network, token?.userId, async (tx) => {
        isFirst = challenge !== undefined && (await passkeys.consume(tx, challenge));
      });
      if (!challenge || !isFirst) throw challengeNotValid();
      const isLeft = token && (await deps.transaction((tx) => oneTimeTokens.attempt(tx, token)));
      if (tokenId !== 0 && !isLeft) throw challengeNotValid();

      const refuse = (userId: number | undefined): never => {
        const details = { reason: 'wrong_passkey' } as const;
        audit.failedLogin({ event: 'login.fail', userId, by: device, details });
        throw new Refusal(PASSKEY_NOT_VALID);
      };
      const good = await passkeys.shown(shown.challenge, shown.credential, token?.userId);
      if (!good) return refuse(token?.userId);
      const { userId } = good.passkey;
      const proof = await credentials.resume(userId);
      if (!proof) return refuse(userId);
      const { user } = proof;
      if (deps.verification === 'required' && user.emailVerifiedAt === undefined)
        throw new Refusal(EMAIL_NOT_VERIFIED);

      const account = user.canonicalEmail;
      const knownDevice = readDevice(request.deviceToken, account);
      const requester = await throttle.recognise(account, { ...origin, knownDevice });
      const names = credentials.namesOf(user);
      const session = await openSession({
        ...{ proof, account, device, requester },
        attempt: { succeed: (tx) => (tx ? succeed(tx, userId, names, requester) : DONE) },
        methods: token ? METHODS.passkey : BY_PASSKEY,
        async within(tx) {
          if (token && !(await oneTimeTokens.spend(tx, token))) throw challengeNotValid();
          return (await passkeys.use(tx, good)) || refuse(userId);
        },
      });
      return session ? { session, user } : refuse(userId);
    },
  };
}

const DONE = Promise.resolve();
