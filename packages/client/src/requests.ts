/** How the parts of the package send requests of a client, which has no member for it. */
import type { Client } from './api.ts';
import type { Calls } from './calls.ts';

type Requests = Pick<Calls, 'call'> & {
  /** With the access token. */
  readonly authorized: (method: string, path: string, body?: object) => Promise<unknown>;
};

const requests = new WeakMap<Client, Requests>();

export const shareRequests = (client: Client, own: Requests): Client => {
  requests.set(client, own);
  return client;
};

/** @throws {TypeError} for what `createClient` did not make */
export function requestsOf(client: Client): Requests {
  const own = requests.get(client);
  if (!own) throw new TypeError('the client must come from createClient');
  return own;
}
