/**
 * `@gatepass/client/recovery`: actions by mailed links and codes. A separate entry, so that a page
 * without these forms does not load it. Each function takes the client and may reject as its methods
 * do, and with a `TypeError` for a client that `createClient` did not make. If the service sends no
 * mail, each but `resetPassword` rejects with `unexpected` and the reason `no_mail`.
 */
import type { Client } from './api.ts';
import { insideOf } from './parts.ts';

/**
 * A user's proof from a mail: the two parts of the link, or the e-mail address and the code of eight
 * digits.
 */
export type Mailed =
  | { readonly uid: string; readonly token: string }
  | { readonly email: string; readonly code: string };

/** The two parts of a mailed link. */
export type MailedLink = { readonly uid: string; readonly token: string };

/**
 * Mails a link and a code for a new password, if an account has the address. Resolves for
 * every address.
 *
 * @throws {GatepassError} `invalid_fields` with `fields.email` if it is not an address
 * @example await requestPasswordReset(client, 'alice@example.com');
 */
export async function requestPasswordReset(client: Client, email: string): Promise<void> {
  await post(client, 'reset_password', { email });
}

/**
 * Sets a new password and ends all sessions of the account; opens none.
 *
 * @param mailed the link is valid for 30 minutes, the code for 10
 * @throws {GatepassError} `invalid_fields` with `fields.token` or `fields.code` for what is expired,
 *   spent, replaced or wrong; with `fields.new_password` for a weak password, which spends nothing
 * @example await resetPassword(client, { uid, token }, 'granite otter parade 42');
 */
export async function resetPassword(
  client: Client,
  mailed: Mailed,
  newPassword: string,
): Promise<void> {
  await post(client, 'reset_password_confirm', { ...mailed, new_password: newPassword });
}

/**
 * Confirms the address of a new account; opens no session. The same link succeeds again while it is valid.
 *
 * @param mailed the link is valid for 24 hours, the code for 10 minutes
 * @throws {GatepassError} `invalid_fields` with `fields.token` or `fields.code`
 * @example await activate(client, { uid, token });
 */
export async function activate(client: Client, mailed: Mailed): Promise<void> {
  await post(client, 'activation', { ...mailed });
}

/**
 * Mails the confirmation of an address again, if the address is not confirmed. Resolves for every address.
 *
 * @throws {GatepassError} `invalid_fields` with `fields.email` if it is not an address
 * @example await resendActivation(client, 'alice@example.com');
 */
export async function resendActivation(client: Client, email: string): Promise<void> {
  await post(client, 'resend_activation', { email });
}

/**
 * Asks for another address of the account that is logged in. Nothing changes before the link that
 * is mailed to the new address is used.
 *
 * @param code of the second factor, where the account has one
 * @throws {GatepassError} `invalid_fields` with `fields.new_email`, `fields.current_password` or
 *   `fields.code`
 * @example await changeEmail(client, 'new@example.com', password);
 */
export async function changeEmail(
  client: Client,
  newEmail: string,
  currentPassword: string,
  code?: string,
): Promise<void> {
  const body = { new_email: newEmail, current_password: currentPassword, code };
  const { call, send } = insideOf(client);
  await call('POST', '/api/users/set_email', body, { send });
}

/**
 * Gives the account its new address.
 *
 * @param link mailed to the new address, valid for 30 minutes
 * @throws {GatepassError} `invalid_fields` with `fields.token`
 * @example await confirmEmail(client, { uid, token });
 */
export async function confirmEmail(client: Client, { uid, token }: MailedLink): Promise<void> {
  await post(client, 'set_email_confirm', { uid, token });
}

/**
 * Gives the account its old address back and ends all sessions.
 *
 * @param link mailed to the old address, valid for seven days
 * @throws {GatepassError} `invalid_fields` with `fields.token`
 * @example await undoEmail(client, { uid, token });
 */
export async function undoEmail(client: Client, { uid, token }: MailedLink): Promise<void> {
  await post(client, 'set_email_undo', { uid, token });
}

const post = (client: Client, path: string, body: object) =>
  insideOf(client).call('POST', `/api/users/${path}`, body);
