import type { Tx } from '../database/database.ts';

/** How long the token of a device counts. */
export const DEVICE_KNOWN_MS = 90 * 86_400_000;

/** A device that the account of an attempt has logged in from, as its token says. */
export type KnownDevice = {
  readonly id: string;
  readonly userId: number;
  /** Epoch milliseconds. */
  readonly issuedAt: number;
};

/** The origin of an attempt, and whether the client is still connected. */
export type AttemptOrigin = {
  readonly network: string;
  /** The client's own word, its user agent. */
  readonly device?: string;
  readonly knownDevice?: KnownDevice | undefined;
  readonly signal?: AbortSignal;
};

/** Stored knowledge of an account and the network of an attempt. */
export type Recognised = {
  /** The account has logged in or registered from there in the last 30 days. */
  readonly isKnown: boolean;
  /** Its device may use limits of its own: its token is not void, and they are not used up. */
  readonly isKnownDevice: boolean;
  /** Neither from there nor with this device in the last 30 days. */
  readonly isNew: boolean;
  /** How often its counts were cleared: those of before have other buckets. */
  readonly unlocks: number;
};

/**
 * The purpose of an attempt: a login, one at the admin listener, or a change that asks for the password again.
 * Logins of administrators have counts of their own: the public port cannot keep them out.
 */
export type Purpose = 'login' | 'admin' | 'confirm';

/** A counted attempt: a failure until its outcome is told. */
export type Attempt = {
  /** Whether it was the one that made failures many: its account gets a notice. @see Throttle.notice */
  readonly failures: number | undefined;
  /**
   * The password was right: in the transaction of what it allows, or in one of its own.
   *
   * @param remembers `false` = a second factor is still asked for: the network is not known by this
   * @throws {Refusal} `throttled` when there were too many right ones
   */
  succeed(tx?: Tx, remembers?: boolean): Promise<void>;
  /** Takes the counts back if this error says that the service had no time for the attempt. */
  abandon(error: unknown): Promise<void>;
};

export type Throttle = {
  /**
   * Looks up what is remembered of an account and a network; counts nothing.
   *
   * @param account its address in canonical form, whether it exists or not
   */
  recognise<O extends AttemptOrigin>(account: string, origin: O): Promise<O & Recognised>;
  /**
   * Counts an attempt to guess the password of an account.
   *
   * @param onRefused awaited before a refusal, for the audit log
   * @throws {Refusal} `throttled`
   */
  begin(
    purpose: Purpose,
    account: string,
    origin: AttemptOrigin & Recognised,
    onRefused?: () => Promise<void>,
  ): Promise<Attempt>;
  /** Counts a registration; a registered account knows its network. @throws {Refusal} `throttled` */
  register(account: string, origin: AttemptOrigin): Promise<Attempt>;
  /** Makes the tokens of an account's devices void. */
  forgetDevices(tx: Tx, userId: number): Promise<void>;
  /** Clears what counts against an account, wherever its attempts came from. */
  unlock(tx: Tx, account: string): Promise<void>;
  /**
   * Counts a mail that a network asks for, of accounts that need not exist: all of them or none.
   *
   * @returns `false` when one of them has had enough, which its response must not tell
   * @throws {Refusal} `throttled` by network
   */
  mail(network: string, ...accounts: string[]): Promise<boolean>;
  /** Counts a mail that an account is sent because it is registered again; `false` as of `mail`. */
  again(account: string): Promise<boolean>;
  /** Counts a notice that others than its owner can cause; `false` = it has had enough of this kind. */
  notice(kind: string, account: string): Promise<boolean>;
  /**
   * Counts an attempt at a mailed code.
   *
   * @param within runs in the transaction that counts it
   * @throws {Refusal} `throttled`
   */
  code(account: string, within: (tx: Tx) => Promise<void>): Promise<void>;
  /**
   * Counts an attempt at the second factor of an account, whose password was right: these limits
   * keep no password from being looked at, and a new password does not clear them.
   *
   * @param names what the account is called at a login, the first one its address
   * @param within runs in the transaction that counts it
   * @throws {Refusal} `throttled`
   */
  factor(
    userId: number,
    names: readonly string[],
    origin: AttemptOrigin & Recognised,
    within: (tx: Tx) => Promise<void>,
  ): Promise<Attempt>;
  /**
   * Counts an attempt to show a passkey, by network: a key cannot be guessed, and these limits keep no
   * password from being looked at.
   *
   * @param userId the account, where a password or a session has named it: it is counted apart, so
   *   that one machine does not keep the others of its network out
   * @param within runs in the transaction that counts it
   * @returns what takes the count back, in the transaction of what the passkey allows; it throws
   *   `throttled` when there were too many right ones
   * @throws {Refusal} `throttled`
   */
  passkey(
    network: string,
    userId: number | undefined,
    within: (tx: Tx) => Promise<void>,
  ): Promise<
    (tx: Tx, userId: number, names: readonly string[], origin: AttemptOrigin) => Promise<void>
  >;
  /** Clears what counts against the second factor of an account, from networks it does not know. */
  unlockFactor(tx: Tx, userId: number): Promise<void>;
  /** Counts a change of an account's factors, or a code that would turn one on. @throws {Refusal} `throttled` */
  factorChange(userId: number, kind: 'change' | 'code'): Promise<void>;
  /** Counts a refresh of a session, in this process. @throws {Refusal} `throttled` */
  refresh(sessionId: string): void;
  /**
   * Counts a question whose response tells when a session was rotated, in this process.
   *
   * @param onRefused awaited before the first refusal of a window, for the audit log
   * @throws {Refusal} `throttled`
   */
  look(sessionId: string, onRefused: () => Promise<void>): Promise<void>;
};
