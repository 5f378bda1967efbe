import type { Fetch } from './calls.ts';
import type { ChangeListener } from './session.ts';

/** An account. */
export type User = {
  readonly id: number | string;
  readonly email: string;
  /** Where the account has one. */
  readonly username?: string;
  /** What an operator has set; absent where there are none. */
  readonly claims?: Readonly<Record<string, unknown>>;
};

/** A device that is logged in. Times are ISO 8601. */
export type Session = {
  readonly id: string;
  /** The one that asks. */
  readonly current: boolean;
  readonly created_at: string;
  readonly last_used_at: string;
  readonly expires_at: string;
  readonly user_agent: string;
  readonly address: string;
};

/**
 * A login and what can be done with it. Every method may reject with a `GatepassError` of code
 * `network`, `timeout`, `rate_limited`, `unavailable` or `unexpected`; those that need a login also
 * with `not_logged_in` or `session_ended`. Only the service's refusal of the refresh token ends a
 * login: no network error, no 429 and no 5xx does.
 */
export type Client = {
  /** Whether somebody is logged in, as far as this tab knows without asking. */
  readonly isLoggedIn: boolean;

  /**
   * Creates an account; does not log in.
   *
   * @throws {GatepassError} `invalid_fields` with `fields.email` or `fields.password`
   * @example const { id } = await client.register('bob@example.com', 'granite otter parade 41');
   */
  register(email: string, password: string): Promise<User>;

  /**
   * Logs in, in all tabs of this browser.
   *
   * @throws {GatepassError} `invalid_credentials`, `invalid_fields`
   * @example await client.login('alice@example.com', 'correct horse 9 battery');
   */
  login(email: string, password: string): Promise<void>;

  /**
   * Logs out, in all tabs of this browser. The tokens are forgotten at once and in any case; a
   * rejection says that the service could not be told, so that the session ends only by itself.
   *
   * @example await client.logout();
   */
  logout(): Promise<void>;

  /**
   * The account that is logged in, as the service knows it.
   *
   * @example console.log((await client.user()).email);
   */
  user(): Promise<User>;

  /**
   * `fetch` with the access token: replaced before it expires, or once when the answer is a 401 that
   * says the token is at fault. A path is relative to `url`. Answers and errors are those of `fetch`,
   * and those of the session above.
   *
   * @throws {TypeError} for an origin that may not see the token (see `ClientOptions.origins`)
   * @example const response = await client.fetch('/api/users/me');
   */
  fetch: Fetch;

  /**
   * Changes the password and logs out all other devices; this login goes on with new tokens.
   *
   * @throws {GatepassError} `invalid_fields` with `fields.current_password` or `fields.new_password`
   * @example await client.changePassword('correct horse 9 battery', 'granite otter parade 42');
   */
  changePassword(currentPassword: string, newPassword: string): Promise<void>;

  /**
   * Where the account is logged in, the most recently used first.
   *
   * @example for (const { user_agent, current } of await client.sessions()) console.log(user_agent, current);
   */
  sessions(): Promise<readonly Session[]>;

  /**
   * Logs out one device, within a second; this one too.
   *
   * @returns false when there was no such session
   * @example
   * const other = (await client.sessions()).find(({ current }) => !current);
   * if (other) await client.endSession(other.id);
   */
  endSession(id: string): Promise<boolean>;

  /**
   * Logs out all other devices, or all of them. Ten minutes after the login it takes the password.
   *
   * @throws {GatepassError} `unexpected` with the reason `reauthentication_required` without the
   *   password, `invalid_fields` with `fields.current_password` for a wrong one
   * @example await client.endSessions('others');
   */
  endSessions(scope: 'others' | 'all', currentPassword?: string): Promise<void>;

  /**
   * Calls back when somebody logs in or out, here or in another tab, and when the session ends.
   *
   * @returns a function that stops it
   * @example
   * const stop = client.onChange((isLoggedIn, reason) => console.log(isLoggedIn, reason));
   * stop();
   */
  onChange(listener: ChangeListener): () => void;

  /** Lets go of the other tabs; the login stays. For single-page apps that drop a client, and tests. */
  close(): void;
};
