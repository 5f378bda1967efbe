import type { Fetch } from './calls.ts';
import type { ChangeListener } from './session.ts';

/** An account. */
export type User = {
  /** A number, or a string where the operator chose UUIDs. */
  readonly id: number | string;
  readonly email: string;
  /** Absent if the account has none. */
  readonly username?: string;
  /** Set by an operator; absent if there are none. */
  readonly claims?: Readonly<Record<string, unknown>>;
};

/**
 * A client with at most one login. Every method may reject with a `GatepassError` of code
 * `network`, `timeout`, `rate_limited`, `unavailable` or `unexpected`; those that need a login also
 * with `not_logged_in` or `session_ended`. Only the service's refusal of the refresh token ends a
 * login: no network error, no 429 and no 5xx does.
 */
export type Client = {
  /** Whether a user is logged in, as far as this tab knows without a request. */
  readonly isLoggedIn: boolean;

  /**
   * Resolves to whether there is a login, once the client has asked its storage, the other tabs or, with
   * the cookie, the service. Never rejects; it is false if the service cannot be reached, and `fetch`
   * tries again.
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
   * @param code a code of the second factor, if the account has one
   * @throws {GatepassError} `invalid_fields` or `invalid_credentials`; with the reason
   *   `second_factor_required` the password is right and a code is missing
   * @example await client.login('alice@example.com', 'correct horse 9 battery');
   */
  login(email: string, password: string, code?: string): Promise<void>;

  /**
   * Logs out, in all tabs of this browser. The tokens are always discarded at once. A
   * rejection means that the service did not learn of it, so the session ends only when it expires.
   *
   * @example await client.logout();
   */
  logout(): Promise<void>;

  /**
   * Requests the account that is logged in.
   *
   * @throws {GatepassError} `not_logged_in` or `session_ended`
   * @example console.log((await client.user()).email);
   */
  user(): Promise<User>;

  /**
   * `fetch` with the access token, which is replaced before it expires, or once after a 401 that
   * blames the token. A path is relative to `url`. Responses and errors are those of the global `fetch`;
   * it can also reject with `not_logged_in` or `session_ended`.
   *
   * @throws {TypeError} for an origin that may not see the token (see `ClientOptions.origins`)
   * @example const response = await client.fetch('/api/users/me');
   */
  fetch: Fetch;

  /**
   * Calls `listener` when a user logs in or out, here or in another tab, and when the session ends.
   *
   * @returns a function that unsubscribes
   * @example
   * const stop = client.onChange((isLoggedIn, reason) => console.log(isLoggedIn, reason));
   * stop();
   */
  onChange(listener: ChangeListener): () => void;

  /**
   * Disconnects from the other tabs; the login stays. For apps that drop a client, and for tests.
   *
   * @example client.close();
   */
  close(): void;
};
