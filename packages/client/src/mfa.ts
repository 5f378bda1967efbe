/**
 * `@gatepass/client/mfa`: second factors. A separate entry, so that a page without them does not
 * load it. Each function takes the client, may reject as its methods do, with `unexpected` and the
 * reason `second_factors_off` if the service has no second factors, and with a `TypeError` for a client
 * that `createClient` did not make. Codes are those of RFC 6238: six digits, one every 30 seconds.
 */
import type { Client } from './api.ts';
import { attempt } from './environment.ts';
import { GatepassError, hasCode } from './errors.ts';
import { confirmed, open, type PendingLogin, post } from './logins.ts';
import { insideOf } from './parts.ts';

export type { PendingLogin };

/** A second factor. Times are ISO 8601. */
export type Factor = {
  readonly id: number;
  /** `totp`: an authenticator app. */
  readonly type: 'totp' | 'passkey';
  /** Chosen by the user, at most 60 characters. */
  readonly name: string;
  readonly created_at: string;
  /** Absent if it was never used. */
  readonly last_used_at?: string;
};

/** The second factors of an account. */
export type Factors = {
  readonly factors: readonly Factor[];
  /** Unused recovery codes, 0 to 10. */
  readonly recovery_codes_left: number;
  /** From when on a login requires a factor, ISO 8601; absent if none is required. */
  readonly required_from?: string;
};

/** The password and, where a factor is on, a code; needed from ten minutes after the login on. */
export type Proof = { readonly current_password: string; readonly code?: string };

/**
 * Logs in, in all tabs of this browser, or returns what is missing.
 *
 * @returns `undefined` after a login; otherwise the argument for `completeLogin` or, without `methods`,
 *   for `beginSetUp`
 * @throws {GatepassError} as `client.login`
 * @example
 * const pending = await logIn(client, 'alice@example.com', 'correct horse 9 battery');
 * console.log(pending?.methods ?? 'logged in');
 */
export async function logIn(
  client: Client,
  email: string,
  password: string,
): Promise<PendingLogin | undefined> {
  const { timed } = insideOf(client);
  let said = '';
  const listening: typeof fetch = async (input, init) => {
    const response = await timed(input, init);
    said = await response.clone().text();
    return response;
  };
  try {
    await open(client, () => post(client, '', { email, password }, listening));
  } catch (error) {
    const pending = attempt(() => JSON.parse(said));
    if (!hasCode(error, 'invalid_credentials') || !pending?.challenge) throw error;
    return { challenge: pending.challenge, methods: pending.methods };
  }
  return undefined;
}

/**
 * Completes a login, in all tabs of this browser.
 *
 * @param pending the result of `logIn`, valid for five minutes and five codes
 * @param code a code of an authenticator app, or a recovery code
 * @returns ten recovery codes to show once, if the login has set up the first factor; otherwise none
 * @throws {GatepassError} `invalid_credentials` with the reason `second_factor_invalid`: ask for
 *   another code; with `challenge_not_valid`: begin again
 * @example
 * const pending = await logIn(client, 'alice@example.com', 'correct horse 9 battery');
 * if (pending?.methods) await completeLogin(client, pending, code);
 */
export async function completeLogin(
  client: Client,
  { challenge }: PendingLogin,
  code: string,
): Promise<readonly string[]> {
  const answer = await open(client, () => post(client, '/second_factor', { challenge, code }));
  return (answer as { recovery_codes?: string[] }).recovery_codes ?? [];
}

/**
 * Begins to set up the app that the login requires; then call `completeLogin` with its code.
 *
 * @param pending the result of `logIn` without `methods`
 * @returns `uri` to show as a QR code, and `secret` (base32) for typing
 * @throws {GatepassError} `unexpected` with the reason `challenge_not_valid`: begin again; with
 *   `email_unproved`: the user must confirm the address first
 * @example
 * const pending = await logIn(client, 'alice@example.com', 'correct horse 9 battery');
 * if (pending && !pending.methods) console.log((await beginSetUp(client, pending)).uri);
 */
export async function beginSetUp(
  client: Client,
  { challenge }: PendingLogin,
): Promise<{ readonly secret: string; readonly uri: string }> {
  const path = '/api/token/second_factor/setup';
  return (await insideOf(client).call('POST', path, { challenge })) as Secret;
}
type Secret = { secret: string; uri: string };

/**
 * Lists the second factors of the account, and how many recovery codes are left.
 *
 * @example console.log((await listFactors(client)).factors.length);
 */
export const listFactors = async (client: Client): Promise<Factors> =>
  (await ask(client, 'GET', '')) as Factors;

/**
 * Begins to set up an authenticator app. No login asks for a code before `confirmTotp`, which must
 * follow within 15 minutes.
 *
 * @param name the app's name in `listFactors`: cut after 60 characters, default `Authenticator app`
 * @param proof needed from ten minutes after the login on
 * @returns `uri` to show as a QR code, and `secret` (base32) for typing
 * @throws {GatepassError} `unexpected` with the reason `reauthentication_required`: give `proof`; with
 *   `email_unproved` or `too_many_factors`; `invalid_fields` with `fields.current_password` or `fields.code`
 * @example
 * const { uri } = await setUpTotp(client, 'Phone');
 * console.log(uri.split('?')[0]); // otpauth://totp/…
 */
export const setUpTotp = async (client: Client, name?: string, proof?: Proof): Promise<Secret> =>
  (await ask(client, 'POST', '/totp', { ...proof, name })) as Secret;

/**
 * Turns on the app of `setUpTotp`, and logs out all other devices.
 *
 * @param code a code that the app shows now
 * @returns ten recovery codes to show once; none if another factor was on
 * @throws {GatepassError} `invalid_fields` with `fields.code` for a wrong code, or if the set-up has expired
 * @example
 * const recoveryCodes = await confirmTotp(client, code);
 * console.log(recoveryCodes.join('\n'));
 */
export const confirmTotp = async (client: Client, code: string): Promise<readonly string[]> =>
  codesOf(await ask(client, 'POST', '/totp/confirm', { code }));

/**
 * Makes ten new recovery codes, to show once; the former ones are void.
 *
 * @param proof needed from ten minutes after the login on
 * @throws {GatepassError} `unexpected` with status 404 if no second factor is on, or with the reason
 *   `reauthentication_required`; `invalid_fields` with `fields.current_password` or `fields.code`
 * @example
 * const { factors } = await listFactors(client);
 * if (factors.length > 0) console.log(await renewRecoveryCodes(client));
 */
export const renewRecoveryCodes = async (
  client: Client,
  proof?: Proof,
): Promise<readonly string[]> => codesOf(await ask(client, 'POST', '/recovery_codes', proof));

/**
 * Removes a factor and logs out all other devices. With the last factor the recovery codes are removed too.
 *
 * @param id of `listFactors`
 * @param proof needed from ten minutes after the login on
 * @returns false if the factor did not exist
 * @throws {GatepassError} `unexpected` with the reason `reauthentication_required`; `invalid_fields`
 *   with `fields.current_password` or `fields.code`
 * @example
 * const existed = await removeFactor(client, 7, { current_password: 'correct horse 9 battery' });
 * console.log(existed);
 */
export async function removeFactor(client: Client, id: number, proof?: Proof): Promise<boolean> {
  try {
    await ask(client, 'DELETE', `/${id}`, proof);
  } catch (error) {
    if (error instanceof GatepassError && error.status === 404) return false;
    throw error;
  }
  return true;
}

/**
 * Step-up: for ten minutes the session counts as just logged in, and no call needs `proof`.
 *
 * @throws {GatepassError} `invalid_fields` with `fields.current_password` or `fields.code`
 * @example await confirm(client, { current_password: 'correct horse 9 battery' });
 */
export const confirm = (client: Client, proof: Proof): Promise<void> => confirmed(client, proof);

const ask = (client: Client, method: string, path: string, body?: object) => {
  const { call, send } = insideOf(client);
  return call(method, `/api/users/me/factors${path}`, body, { send });
};

const codesOf = (answer: unknown) => (answer as { recovery_codes: string[] }).recovery_codes;
