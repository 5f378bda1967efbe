import type { Fetch } from './calls.ts';
import type { ChangeListener } from './session.ts';

/** An account. */
export type User = {
  readonly id: number | string;
  readonly email: string;
  /** If the account has one. */
  readonly username?: string;
  /** Set by an operator; absent if there are none. */
  readonly claims?: Readonly<Record<string, unknown>>;
};

/**
 * A login and what can be done with it. Every method may reject with a `GatepassError` of code
 * `network`, `timeout`, `rate_limited`, `unavailable` or `unexpected`; those that need a login also
 * with `not_logged_in` or `session_ended`. Only the service's refusal of the refresh token ends a
 * login: no network error, no 429 and no 5xx does.
 */
export type Client = {
  /** Whether a user is logged in, as far as this tab knows without a request. */
  readonly isLoggedIn: boolean;

  /**
   * Settles when the client has found out whether there is a login: by its storage, the other tabs or
   * the cookie. Never rejects; when the service cannot be reached it is false, and `fetch` tries again.
   *
   * @example if (!(await client.ready)) console.log('show the login form');
   */
  readonly ready: Promise<boolean>;

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
   * @param code of the second factor, where the account has one
   * @throws {GatepassError} `invalid_credentials`, `invalid_fields`; `invalid_credentials` with the
   *   reason `second_factor_required`: the password is right, and a code is missing
   * @example await client.login('alice@example.com', 'correct horse 9 battery');
   */
  login(email: string, password: string, code?: string): Promise<void>;

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
   * Calls back when a user logs in or out, here or in another tab, and when the session ends.
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
