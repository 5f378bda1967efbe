/**
 * `@gatepass/client/account`: the password of an account, and where it is logged in. A separate
 * entry, so that a page without these forms does not load it. Each function takes the client and may
 * reject as its methods do, and with a `TypeError` for a client that `createClient` did not make.
 */
import type { Client } from './api.ts';
import { GatepassError } from './errors.ts';
import { insideOf } from './parts.ts';
import { received } from './refresh.ts';
import { sessionIdOf } from './tokens.ts';

/** A device that is logged in. Times are ISO 8601. */
export type Session = {
  readonly id: string;
  /** Whether it is the session of this client. */
  readonly current: boolean;
  readonly created_at: string;
  readonly last_used_at: string;
  readonly expires_at: string;
  /** The `User-Agent` of the login, at most 200 characters. The device chose it: escape it in a page. */
  readonly user_agent: string;
  /** The IP address of the login. */
  readonly address: string;
};

/**
 * Changes the password and logs out all other devices; this login continues.
 *
 * @param code a code of the second factor, if the account has one
 * @throws {GatepassError} `invalid_fields` with `fields.current_password`, `fields.new_password`
 *   or `fields.code`
 * @example await changePassword(client, 'correct horse 9 battery', 'granite otter parade 42');
 */
export async function changePassword(
  client: Client,
  currentPassword: string,
  newPassword: string,
  code?: string,
): Promise<void> {
  const { call, send, session, now, isCookie } = insideOf(client);
  const at = now();
  const body = { current_password: currentPassword, new_password: newPassword, code };
  // The first keeps the session, and with it the cookie; the second opens another one.
  const path = isCookie ? 'set_password' : 'me/password';
  const answer = call('POST', `/api/users/${path}`, body, { send });
  if (isCookie) await answer;
  else await session.save(await received(at, answer), 'login');
}

/**
 * Lists where the account is logged in, the most recently used session first.
 *
 * @example
 * for (const { user_agent, current } of await listSessions(client)) console.log(user_agent, current);
 */
export async function listSessions(client: Client): Promise<readonly Session[]> {
  const { call, send } = insideOf(client);
  const answer = await call('GET', '/api/sessions', undefined, { send });
  return (answer as { sessions: Session[] }).sessions;
}

/**
 * Logs out one device, within a second. It may be this one.
 *
 * @param id of `listSessions`
 * @returns false if there was no such session
 * @example
 * const other = (await listSessions(client)).find(({ current }) => !current);
 * if (other) await endSession(client, other.id);
 */
export async function endSession(client: Client, id: string): Promise<boolean> {
  const { call, send, session } = insideOf(client);
  try {
    await call('DELETE', `/api/sessions/${encodeURIComponent(id)}`, undefined, { send });
  } catch (error) {
    if (error instanceof GatepassError && error.status === 404) return false;
    throw error;
  }
  if (id === sessionIdOf(await session.read())) await session.clear('logout');
  return true;
}

/**
 * Logs out all other devices, or all of them.
 *
 * @param currentPassword needed from ten minutes after the login on
 * @param code a code of the second factor, if the account has one
 * @throws {GatepassError} `unexpected` with the reason `reauthentication_required` without the
 *   password; `invalid_fields` with `fields.current_password` or `fields.code`
 * @example await endSessions(client, 'others');
 */
export async function endSessions(
  client: Client,
  scope: 'others' | 'all',
  currentPassword?: string,
  code?: string,
): Promise<void> {
  const { call, send, session } = insideOf(client);
  const body =
    currentPassword === undefined ? undefined : { current_password: currentPassword, code };
  await call('DELETE', `/api/sessions?scope=${scope}`, body, { send });
  if (scope === 'all') await session.clear('logout');
}
