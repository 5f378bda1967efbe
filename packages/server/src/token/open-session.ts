import type { Origin } from '../audit/event.ts';
import type { Transaction, Tx } from '../database/database.ts';
import type { Method } from '../sessions/authentication.ts';
import type { Device, HeldSession } from '../sessions/session.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { Attempt, Recognised } from '../throttle/attempt.ts';
import type { Credentials, LoginProof } from '../users/credentials.ts';
import type { Notify } from '../users/notify.ts';
import type { User } from '../users/user.ts';

/** A login that has given every proof it was asked for. */
export type CompleteLogin = {
  readonly proof: LoginProof;
  /** The name under which the attempts are counted. */
  readonly account: string;
  readonly device: Device & Origin;
  readonly requester: Pick<Recognised, 'isNew'>;
  /** The counts that the login clears. */
  readonly attempt: Pick<Attempt, 'succeed'>;
  /** How the user was authenticated; left out: by password. */
  readonly methods?: readonly Method[];
  /**
   * Whether the proof beside the password suffices, as this transaction sees it; spends single-use
   * proofs. @throws to roll back
   */
  readonly within: (tx: Tx) => Promise<boolean>;
};

export type LoggedIn = {
  readonly session: HeldSession;
  readonly user: User;
  /** Recovery codes of a factor that was set up by this login; shown only now. */
  readonly recoveryCodes?: readonly string[];
};

/** Opens the session of a complete login. `undefined` = the account has changed meanwhile. */
export type OpenSession = (login: CompleteLogin) => Promise<HeldSession | undefined>;

type Deps = {
  readonly credentials: Credentials;
  readonly sessions: Sessions;
  readonly notices: {
    /** Whether the owner gets a notice of a login with a new device from a new network. */
    admitsNewDevice(account: string): Promise<boolean>;
    readonly notify: Notify;
  };
  readonly transaction: Transaction;
};

/** Thrown inside the transaction to roll it back. */
const HAS_CHANGED = Symbol('the account has changed');

export const createOpenSession =
  ({ credentials, sessions, notices, transaction }: Deps): OpenSession =>
  async ({ proof, account, device, requester, attempt, methods, within }) => {
    const { user } = proof;
    // For an account that was never used, everything is new.
    const isTold =
      requester.isNew && user.lastLoginAt !== undefined && (await notices.admitsNewDevice(account));
    return transaction(async (tx) => {
      // First, because it locks the account, so that no factor is turned on before the session
      // exists.
      if (!(await credentials.recordLogin(tx, proof))) return undefined;
      if (!(await within(tx))) throw HAS_CHANGED;
      await attempt.succeed(tx);
      if (isTold) await notices.notify(tx, user, 'new_device', device);
      return sessions.open(tx, user.id, device, methods);
    }).catch((error: unknown) => {
      if (error === HAS_CHANGED) return undefined;
      throw error;
    });
  };
