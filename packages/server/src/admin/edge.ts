import { isOwnName } from '../config/exposure.ts';
import { createNetworks } from '../config/network-address.ts';
import { Refusal } from '../errors.ts';
import { CROSS_SITE_REQUEST } from '../http/refusals.ts';
import type { Http } from '../http/server.ts';
import { NETWORK_NOT_ALLOWED, WRONG_HOST } from './refusals.ts';

type Edge = {
  readonly adminHost: string;
  readonly adminUrl: string;
  /** Empty: every network. */
  readonly adminNetworks: readonly string[];
};

/**
 * Refuses, before any route, clients of other networks, names that were rebound to this machine, and
 * the pages of all other origins, whatever they ask for.
 */
export function guardEdge({ app, addressOf, pageOf }: Http, edge: Edge): void {
  const { adminHost, adminUrl, adminNetworks } = edge;
  const isAllowed = adminNetworks.length > 0 ? createNetworks(adminNetworks) : () => true;
  const names = [adminHost, URL.parse(adminUrl)?.hostname];
  app.addHook('onRequest', (request, _reply, done) => {
    const { host = '' } = request.headers;
    if (!isAllowed(addressOf(request))) throw new Refusal(NETWORK_NOT_ALLOWED);
    if (!isOwnName(host) && !names.includes(host.replace(/:\d*$/, '').toLowerCase()))
      throw new Refusal(WRONG_HOST);
    if (pageOf(request.headers) === 'foreign') throw new Refusal(CROSS_SITE_REQUEST);
    done();
  });
}
