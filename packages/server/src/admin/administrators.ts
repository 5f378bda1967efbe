/**
 * Logins of administrators, at the admin listener alone. Owns the table `admin_sessions`: how long a
 * login lives, when the password is asked for again. Does not own accounts or who may administer
 * (users/), or what is administered. A token of the public API is worth nothing here, nor the reverse.
 * Imported by app.ts, services.ts and the CLI.
 */
import type { Audit } from '../audit/audit.ts';
import type { Origin } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import type { Transaction, Tx } from '../database/database.ts';
import { Refusal } from '../errors.ts';
import type { RequestView } from '../http/action.ts';
import type { Throttle } from '../throttle/attempt.ts';
import type { ReadDevice } from '../token/known-device.ts';
import { EMAIL_NOT_VERIFIED, NO_ACTIVE_ACCOUNT } from '../token/refusals.ts';
import type { SecondFactor } from '../token/second-factor.ts';
import type { Credentials } from '../users/credentials.ts';
import type { Verification } from '../users/set-admin.ts';
import type { User } from '../users/user.ts';
import { hashOf, newAdminToken } from './secret.ts';
import type { AdminSession, AdminStore } from './store.ts';

const HOUR = 3_600_000;
/** Use does not extend it. */
const LOGIN_LIFETIME_MS = 12 * HOUR;
/** How long a confirmed password covers dangerous actions. */
const CONFIRMED_FOR_MS = 10 * 60_000;

export type AdminLogin = {
  /** Shown once. */
  readonly token: string;
  readonly expiresAt: number;
  readonly user: User;
};

export type Administrators = ReturnType<typeof createAdministrators>;

type Deps = {
  readonly store: AdminStore;
  readonly credentials: Credentials;
  readonly throttle: Throttle;
  readonly secondFactor: Pick<SecondFactor, 'ask' | 'isDue'>;
  readonly readDevice: ReadDevice;
  readonly isFactorRequired: boolean;
  readonly verification: Verification;
  readonly audit: Audit;
  readonly transaction: Transaction;
  readonly clock: Clock;
};
type Presented = {
  readonly email: string;
  readonly password: string;
  readonly code?: string | undefined;
  /** The token of a device that the account has logged in from. */
  readonly deviceToken?: string | undefined;
};

export function createAdministrators(deps: Deps) {
  const { store, credentials, throttle, secondFactor, verification, audit } = deps;
  const { readDevice, isFactorRequired } = deps;
  const { transaction, clock } = deps;

  /** Opens a login, within `tx`. */
  async function open(tx: Tx, user: User, by: Origin): Promise<AdminLogin> {
    const token = newAdminToken();
    const now = clock.now();
    const expiresAt = now + LOGIN_LIFETIME_MS;
    await store.insert(tx, {
      tokenHash: hashOf(token),
      userId: user.id,
      tokensValidFrom: user.tokensValidFrom,
      createdAt: now,
      expiresAt,
      confirmedAt: now,
    });
    await audit.record(tx, { event: 'admin.login', userId: user.id, by });
    return { token, expiresAt, user };
  }

  return {
    open,

    /** Whether the account logs in with a second factor only. */
    isFactorDue: (user: User): boolean => isFactorRequired || secondFactor.isDue(user),

    /**
     * The right password of an account that is not an administrator is refused like a wrong one, so
     * that the response does not tell them apart.
     *
     * @param admit makes an administrator of the account in the transaction of the login
     * @throws {Refusal} `no_active_account`, `email_not_verified`, `second_factor_required`,
     *   `second_factor_invalid`, `throttled` or `unavailable`
     */
    async logIn(
      { email, password, code, deviceToken }: Presented,
      request: Pick<RequestView, 'device' | 'requester'>,
      admit?: (tx: Tx, user: User, by: Origin) => Promise<void>,
    ): Promise<AdminLogin> {
      const device = request.device();
      const account = credentials.accountOf(email);
      const requester = await throttle.recognise(account, {
        ...request.requester(),
        knownDevice: readDevice(deviceToken, account),
      });
      credentials.assertCapacity(requester);
      const attempt = await throttle.begin('admin', account, requester, () =>
        credentials.noteThrottled(email, device),
      );
      try {
        const proof = await credentials.check(email, password, device, requester);
        const isAdmitted = proof && (admit || proof.user.isAdmin);
        const { emailVerifiedAt } = proof?.user ?? {};
        if (isAdmitted && verification === 'required' && emailVerifiedAt === undefined) {
          await attempt.succeed();
          throw new Refusal(EMAIL_NOT_VERIFIED);
        }
        const asked = {
          device: () => device,
          requester: () => request.requester(),
          deviceToken,
        };
        const shown =
          isAdmitted && (await secondFactor.ask(proof, code, attempt, asked, isFactorRequired));
        const opened =
          shown &&
          (await transaction(async (tx) => {
            if (!(await credentials.recordLogin(tx, proof))) return undefined;
            // Thrown to roll back: a login that is not opened must not spend the code.
            if (!(await shown.within(tx))) throw new Refusal(NO_ACTIVE_ACCOUNT);
            await admit?.(tx, proof.user, device);
            await shown.attempt.succeed(tx);
            return open(tx, proof.user, device);
          }));
        if (opened) return opened;
        throw new Refusal(NO_ACTIVE_ACCOUNT);
      } catch (error) {
        await attempt.abandon(error);
        throw error;
      }
    },

    /** Counts the account that an invitation creates; from then on the account knows this network. */
    admitNew: (account: string, request: Pick<RequestView, 'device' | 'requester'>) =>
      throttle.register(account, { ...request.requester(), device: request.device().userAgent }),

    find: (token: string): Promise<AdminSession | undefined> =>
      store.find(hashOf(token), clock.now()),

    isConfirmed: ({ confirmedAt }: AdminSession): boolean =>
      confirmedAt + CONFIRMED_FOR_MS > clock.now(),

    /** Notes that the password was confirmed again. */
    confirm: ({ tokenHash }: AdminSession): Promise<void> =>
      transaction((tx) => store.confirm(tx, tokenHash, clock.now())),

    logOut: ({ tokenHash, userId }: AdminSession, by: Origin): Promise<void> =>
      transaction(async (tx) => {
        if (await store.end(tx, tokenHash))
          await audit.record(tx, { event: 'admin.logout', userId, by });
      }),
  };
}
