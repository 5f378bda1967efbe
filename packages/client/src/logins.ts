/** Logins in other ways than by a password alone: the same session, opened by another request. */
import type { Client } from './api.ts';
import { isPage } from './environment.ts';
import { insideOf } from './parts.ts';
import { received } from './refresh.ts';

/** A login whose password was right: what completes it. */
export type PendingLogin = {
  /** Valid for five minutes and five attempts. */
  readonly challenge: string;
  /** By what: `totp`, `passkey`, `recovery_code`. Absent: a factor must be set up first. */
  readonly methods?: readonly string[];
};

/** Posts to the routes that open sessions: with a pair of tokens, or with the cookie. */
export function post(client: Client, subpath: string, body: object, send?: typeof fetch) {
  const { call, isCookie } = insideOf(client);
  // The login of one visitor of a server would be that of all.
  if (isCookie && !isPage()) throw new TypeError("'cookie' needs a page");
  return call('POST', (isCookie ? '/api/session' : '/api/token') + subpath, body, {
    ...(send && { send }),
    ...(isCookie && { credentials: 'include' }),
    denied: 'invalid_credentials',
  });
}

/** Opens a session by this request, in all tabs. @returns the response */
export async function open<T>(client: Client, request: () => Promise<T>): Promise<T> {
  const { session, now, isCookie } = insideOf(client);
  const run = async () => {
    const at = now();
    const answer = request();
    await session.save(await received(at, answer, isCookie ? '' : undefined), 'login');
    return answer;
  };
  // A refresh of the cookie before this one, refused late, would clear the new one.
  return (await (isCookie ? session.inTurn(run as () => Promise<never>) : run())) as T;
}

/** The response to a step-up has an access token of the same session. */
export async function confirmed(client: Client, body: object): Promise<void> {
  const { call, send, session, now } = insideOf(client);
  const at = now();
  const answer = call('POST', '/api/users/me/confirm', body, { send });
  const known = await session.read();
  await session.save(await received(at, answer, known?.refresh), 'refresh');
}
