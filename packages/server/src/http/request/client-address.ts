import type { FastifyRequest } from 'fastify';
import { createNetworks, readAddress } from '../../config/network-address.ts';

/** The IP address of the client, or '' when it has disconnected meanwhile. */
export type AddressOf = (request: FastifyRequest) => string;

const isNear = createNetworks([
  '127.0.0.0/8',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '::1',
  'fc00::/7',
]);

/**
 * The peer of the connection; if that is a trusted proxy, the right-most address of
 * `X-Forwarded-For` that is not a trusted proxy. Any client can write the entries further left. If
 * the header holds no address, the proxy that passed it on stands for the client.
 *
 * @param trusted the proxies, in CIDR notation
 * @param onIgnored called once for a peer nearby that sends the header and is not trusted: probably a
 *   proxy, whose clients all count as one
 */
export function createAddressOf(
  trusted: readonly string[],
  onIgnored: (peer: string) => void = () => {},
): AddressOf {
  const isTrusted = createNetworks(trusted);
  let isTold = false;
  return ({ headers, socket }) => {
    const peer = readAddress(socket.remoteAddress ?? '') ?? '';
    const forwarded = headers['x-forwarded-for'];
    if (typeof forwarded !== 'string' || peer === '') return peer;
    if (!isTrusted(peer)) {
      if (!isTold && isNear(peer)) {
        isTold = true;
        onIgnored(peer);
      }
      return peer;
    }
    let nearest = peer;
    for (let rest = forwarded; ; ) {
      const comma = rest.lastIndexOf(',');
      const hop = readHop(rest.slice(comma + 1).trim());
      if (hop === undefined) return nearest;
      if (!isTrusted(hop)) return hop;
      nearest = hop;
      if (comma < 0) return nearest;
      rest = rest.slice(0, comma);
    }
  };
}

const WITH_PORT = /^(?:\[([^\]]+)\]|([\d.]+))(?::\d{1,5})?$/;

/** An address as proxies write it: with a port, in brackets, or bare. */
const readHop = (text: string): string | undefined => {
  if (text.length > 64) return undefined;
  const [, bracketed, dotted] = WITH_PORT.exec(text) ?? [];
  return readAddress(bracketed ?? dotted ?? text);
};
