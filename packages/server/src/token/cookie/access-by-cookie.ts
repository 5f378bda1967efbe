import type { Clock } from '../../clock.ts';
import { Refusal, type TokenReason } from '../../errors.ts';
import type { RequestView } from '../../http/action.ts';
import type { RefreshTokens } from '../refresh-token.ts';
import { bearerTokenNotValid, NOT_AUTHENTICATED } from '../refusals.ts';
import type { Tokens } from '../tokens.ts';
import type { HostCookie } from './host-cookie.ts';

/**
 * Makes an access token for a request with the session's cookie.
 *
 * @throws {Refusal} `not_authenticated` or `bearer_token_not_valid`
 */
export type AccessByCookie = (request: Pick<RequestView, 'cookies'>) => Promise<string>;

type Held =
  | { readonly ok: true; readonly access: string }
  | { readonly ok: false; readonly reason: TokenReason };
type Entry = { readonly since: number; readonly held: Promise<Held> };

type Deps = {
  readonly tokens: Tokens;
  readonly cookieTokens: RefreshTokens;
  readonly sessionCookie: HostCookie;
  readonly clock: Clock;
};

/** Some 6 MiB when full. */
const MAX_ENTRIES = 10_000;
const REFUSED_MS = 10_000;

/**
 * Reads the session once in the life of an access token and keeps that token, which is checked in
 * memory like any other: a logout takes effect as fast as for other tokens. Nothing is rotated.
 */
export function createAccessByCookie(deps: Deps): AccessByCookie {
  const { tokens, cookieTokens, sessionCookie, clock } = deps;
  const entries = new Map<string, Entry>();

  function isGood(held: Held, since: number): boolean {
    if (!held.ok) return Math.abs(clock.now() - since) < REFUSED_MS;
    const checked = tokens.check(held.access, ['access']);
    return checked.ok && tokens.accessFault(checked.claims) === undefined;
  }

  function ask(key: string, token: string): Promise<Held> {
    const held = cookieTokens.hold(token);
    entries.delete(key);
    const [oldest] = entries.keys();
    if (entries.size >= MAX_ENTRIES && oldest !== undefined) entries.delete(oldest);
    entries.set(key, { since: clock.now(), held });
    held.catch(() => entries.delete(key));
    return held;
  }

  async function heldFor(key: string, token: string): Promise<Held> {
    const entry = entries.get(key);
    if (entry && isGood(await entry.held, entry.since)) return entry.held;
    const newer = entries.get(key);
    // Another request of the page has renewed it meanwhile.
    return newer && newer !== entry ? newer.held : ask(key, token);
  }

  return async (request) => {
    const token = sessionCookie.read(request.cookies());
    if (token === undefined) throw new Refusal(NOT_AUTHENTICATED);
    const named = cookieTokens.nameOf(token);
    const held = named.ok ? await heldFor(named.name, token) : named;
    if (!held.ok) throw bearerTokenNotValid(held.reason);
    return held.access;
  };
}
