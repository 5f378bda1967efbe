import type { Origin } from '../audit/event.ts';
import { Refusal } from '../errors.ts';
import type { RequestView } from '../http/action.ts';
import type { Throttle } from '../throttle/attempt.ts';
import type { Credentials } from '../users/credentials.ts';
import type { ReadDevice } from './known-device.ts';
import type { LoggedIn, OpenSession } from './open-session.ts';
import { EMAIL_NOT_VERIFIED, NO_ACTIVE_ACCOUNT } from './refusals.ts';
import type { SecondFactor } from './second-factor.ts';

/**
 * Opens a session for a name and a password, and a code where the account has a second factor.
 *
 * @throws {Refusal} `no_active_account`, `second_factor_required`, `second_factor_invalid`,
 *   `throttled` or `unavailable`
 */
export type Login = (
  credentials: {
    /** An address, or a username if those are enabled. */
    readonly name: string;
    readonly password: string;
    readonly code?: string | undefined;
    /** The token of a device that has logged in before. */
    readonly deviceToken?: string | undefined;
  },
  request: Pick<RequestView, 'device' | 'requester'>,
) => Promise<LoggedIn>;

type Deps = {
  readonly credentials: Credentials;
  readonly throttle: Throttle;
  readonly secondFactor: Pick<SecondFactor, 'ask'>;
  readonly openSession: OpenSession;
  readonly readDevice: ReadDevice;
  readonly notices: {
    /** Notifies an owner that many logins have failed. */
    manyFailures(account: string, count: number, by: Origin): Promise<void>;
  };
  /** `required`: no session is opened until the address is verified. */
  readonly verification: 'off' | 'optional' | 'required';
};

/** Count the attempt → check the password → (second factor) → open the session. */
export const createLogin =
  ({ credentials, throttle, secondFactor, openSession, readDevice, ...deps }: Deps): Login =>
  async ({ name, password, code, deviceToken }, request) => {
    const { notices, verification } = deps;
    const device = request.device();
    const account = credentials.accountOf(name);
    const requester = await throttle.recognise(account, {
      ...request.requester(),
      device: device.userAgent,
      knownDevice: readDevice(deviceToken, account),
    });
    credentials.assertCapacity(requester);
    const attempt = await throttle.begin('login', account, requester, () =>
      credentials.noteThrottled(name, device),
    );
    try {
      // Twice at most: of two simultaneous logins, the first may renew the hash that the second has
      // checked.
      for (let round = 0; round < 2; round++) {
        const proof = await credentials.check(name, password, device, requester);
        if (!proof) break;
        const { user } = proof;
        if (verification === 'required' && user.emailVerifiedAt === undefined) {
          await attempt.succeed();
          throw new Refusal(EMAIL_NOT_VERIFIED);
        }
        const shown = await secondFactor.ask(proof, code, attempt, {
          device: () => device,
          requester: () => request.requester(),
          deviceToken,
        });
        const session =
          shown && (await openSession({ proof, account, device, requester, ...shown }));
        if (session) return { session, user };
      }
      if (attempt.failures !== undefined)
        await notices.manyFailures(account, attempt.failures, device);
      throw new Refusal(NO_ACTIVE_ACCOUNT);
    } catch (error) {
      await attempt.abandon(error);
      throw error;
    }
  };
