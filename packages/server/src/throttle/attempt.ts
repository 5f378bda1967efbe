import type { Tx } from '../database/database.ts';

/** How long the token of a device is valid. */
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
  /** The user agent, as the client sent it. */
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
  /** The account used neither this network nor this device in the last 30 days. */
  readonly isNew: boolean;
  /** How often the account's counts were cleared: earlier counts have other buckets. */
  readonly unlocks: number;
};

/**
 * The purpose of an attempt: a login, one at the admin listener, or a change that asks for the
 * password again. Logins of administrators have counts of their own, so attempts at the public port
 * cannot lock them out.
 */
export type Purpose = 'login' | 'admin' | 'confirm';

/** A counted attempt: a failure until its outcome is reported. */
export type Attempt = {
  /** Set when this attempt made the failures many, so that the account gets a notice. @see Throttle.notice */
  readonly failures: number | undefined;
  /**
   * Reports that the password was right: in the transaction of what it allows, or in one of its own.
   *
   * @param remembers `false` = a second factor is still required, so the network is not known yet
   * @throws {Refusal} `throttled` after too many right passwords
   */
  succeed(tx?: Tx, remembers?: boolean): Promise<void>;
  /** Takes the counts back if this error says that the service had no capacity for the attempt. */
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
   * Counts a mail that a network requests for these accounts, which need not exist: for all or none.
   *
   * @returns `false` when one of them has reached its limit, which the response must not reveal
   * @throws {Refusal} `throttled` by network
   */
  mail(network: string, ...accounts: string[]): Promise<boolean>;
  /** Counts a mail that an account is sent because it is registered again; `false` as for `mail`. */
  again(account: string): Promise<boolean>;
  /**
   * Counts a notice that people other than the owner can cause; `false` = the limit of this kind is
   * reached.
   */
  notice(kind: string, account: string): Promise<boolean>;
  /**
   * Counts an attempt at a mailed code.
   *
   * @param within runs in the transaction that counts it
   * @throws {Refusal} `throttled`
   */
  code(account: string, within: (tx: Tx) => Promise<void>): Promise<void>;
  /**
   * Counts an attempt at the second factor of an account whose password was right. These limits do
   * not prevent passwords from being checked, and a new password does not clear them.
   *
   * @param names the login names of the account, its address first
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
   * Counts an attempt to show a passkey, by network: a key cannot be guessed, and these limits do not
   * prevent passwords from being checked.
   *
   * @param userId the account, if a password or a session has named it: then the account is counted
   *   separately, so that one machine does not lock out the others of its network
   * @param within runs in the transaction that counts it
   * @returns a function that takes the count back, in the transaction of what the passkey allows; it
   *   throws `throttled` after too many right passkeys
   * @throws {Refusal} `throttled`
   */
  passkey(
    network: string,
    userId: number | undefined,
    within: (tx: Tx) => Promise<void>,
  ): Promise<
    (tx: Tx, userId: number, names: readonly string[], origin: AttemptOrigin) => Promise<void>
  >;
  /** Clears the counts against an account's second factor from networks that it does not know. */
  unlockFactor(tx: Tx, userId: number): Promise<void>;
  /** Counts a change of an account's factors, or a code that would turn one on. @throws {Refusal} `throttled` */
  factorChange(userId: number, kind: 'change' | 'code'): Promise<void>;
  /** Counts a refresh of a session, in this process. @throws {Refusal} `throttled` */
  refresh(sessionId: string): void;
  /**
   * Counts, in this process, a request whose response reveals when a session was rotated.
   *
   * @param onRefused awaited before the first refusal of a window, for the audit log
   * @throws {Refusal} `throttled`
   */
  look(sessionId: string, onRefused: () => Promise<void>): Promise<void>;
};
