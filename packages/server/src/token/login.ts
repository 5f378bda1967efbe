import type { Origin } from '../audit/event.ts';
import type { Transaction } from '../database/database.ts';
import { Refusal } from '../errors.ts';
import type { RequestView } from '../http/action.ts';
import type { HeldSession } from '../sessions/session.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { Throttle } from '../throttle/attempt.ts';
import type { Credentials } from '../users/credentials.ts';
import type { Notify } from '../users/notify.ts';
import type { User } from '../users/user.ts';
import { EMAIL_NOT_VERIFIED, NO_ACTIVE_ACCOUNT } from './refusals.ts';

/**
 * Opens a session for a name and a password.
 *
 * @throws {Refusal} `no_active_account`, `throttled` or `unavailable`
 */
export type Login = (
  /** `name` is an address, or a username where those are used. */
  credentials: { readonly name: string; readonly password: string },
  request: Pick<RequestView, 'device' | 'requester'>,
) => Promise<LoggedIn>;

export type LoggedIn = { readonly session: HeldSession; readonly user: User };

/** Mails that a login causes. */
type LoginNotices = {
  /** Whether a login with a new device from a new network is told. */
  admitsNewDevice(account: string): Promise<boolean>;
  readonly notify: Notify;
  /** Tells that many logins to an address have failed. */
  manyFailures(account: string, count: number, by: Origin): Promise<void>;
};

type Deps = {
  readonly credentials: Credentials;
  readonly sessions: Sessions;
  readonly throttle: Throttle;
  readonly notices: LoginNotices;
  readonly transaction: Transaction;
  /** `required`: an address that is not proved opens no session. */
  readonly verification: 'off' | 'optional' | 'required';
};

export const createLogin =
  ({ credentials, sessions, throttle, notices, transaction, verification }: Deps): Login =>
  async ({ name, password }, request) => {
    const device = request.device();
    const account = credentials.accountOf(name);
    const requester = await throttle.recognise(account, {
      ...request.requester(),
      device: device.userAgent,
    });
    credentials.assertCapacity(requester);
    const attempt = await throttle.begin('login', account, requester, () =>
      credentials.noteThrottled(name, device),
    );
    try {
      // Twice at most: of two logins at once, the first may renew the hash the second has checked.
      for (let round = 0; round < 2; round++) {
        const proof = await credentials.check(name, password, device, requester);
        if (!proof) break;
        if (verification === 'required' && proof.user.emailVerifiedAt === undefined) {
          await attempt.succeed();
          throw new Refusal(EMAIL_NOT_VERIFIED);
        }
        const { user } = proof;
        // Of an account that was never used, everything is new.
        const isTold =
          requester.isNew &&
          user.lastLoginAt !== undefined &&
          (await notices.admitsNewDevice(account));
        const session = await transaction(async (tx) => {
          if (!(await credentials.recordLogin(tx, proof))) return undefined;
          await attempt.succeed(tx);
          if (isTold) await notices.notify(tx, user, 'new_device', device);
          return sessions.open(tx, proof.user.id, device);
        });
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
