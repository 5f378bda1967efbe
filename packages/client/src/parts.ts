/** How the other entries of the package reach into a client, which has no members for them. */
import type { Client } from './api.ts';
import type { Calls, Fetch } from './calls.ts';
import type { SessionHolder } from './session.ts';

type Inside = Calls & {
  /** With the access token. */
  readonly send: Fetch;
  readonly session: SessionHolder;
  readonly now: () => number;
  /** Whether the refresh token is in a cookie. */
  readonly isCookie: boolean;
};

export const insides = new WeakMap<Client, Inside>();

/** @throws {TypeError} for what `createClient` did not make */
export function insideOf(client: Client): Inside {
  const inside = insides.get(client);
  if (!inside) throw new TypeError('the client must come from createClient');
  return inside;
}
