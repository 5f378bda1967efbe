/**
 * Which client and which network an IP address stands for. Pure; what counts as a client behind
 * proxies is http/client-address.ts.
 */
import { BlockList, isIP, SocketAddress } from 'node:net';

/** Networks in CIDR notation, or single addresses. @throws TypeError when one is neither */
export function createNetworks(listed: readonly string[]): (address: string) => boolean {
  const block = new BlockList();
  for (const network of listed) {
    const [text = '', length] = network.split('/');
    const address = readAddress(text);
    const whole = isIP(address ?? '') === 4 ? 32 : 128;
    const prefix = length === undefined ? whole : Number(/^\d{1,3}$/.exec(length)?.[0]);
    if (address === undefined || !(prefix <= whole)) throw new TypeError(`${network}: no network`);
    block.addSubnet(address, prefix, familyOf(address));
  }
  return (address) => block.check(address, familyOf(address));
}

const familyOf = (address: string) => (isIP(address) === 4 ? 'ipv4' : 'ipv6');

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/;

/** An address in its one spelling, an IPv4-mapped one as IPv4; `undefined` = it is none. */
export function readAddress(text: string): string | undefined {
  const [bare = ''] = text.split('%');
  if (isIP(bare) === 4) return bare;
  if (isIP(bare) !== 6) return undefined;
  const { address } = new SocketAddress({ address: bare, family: 'ipv6' });
  return MAPPED.exec(address)?.[1] ?? address;
}

/** The network of an address of `readAddress`: an IPv4 address, or the /64 of an IPv6 one. */
export function networkOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const after = tail ? tail.split(':').length : 0;
  const all =
    tail === undefined ? groups : [...groups, ...Array(8 - groups.length - after).fill('0')];
  return `${[...all, ...(tail ? tail.split(':') : [])].slice(0, 4).join(':')}::/64`;
}

/**
 * The networks that contain a network of `networkOf`, the narrowest first: of IPv6 the /56 and the
 * /48, which providers give to one customer as well. IPv4 has none.
 */
export function widerNetworksOf(network: string): readonly [] | readonly [string, string] {
  if (!network.endsWith('::/64')) return [];
  const [a = '0', b = '0', c = '0', d = '0'] = network.slice(0, -'::/64'.length).split(':');
  const high = (Number.parseInt(d, 16) & 0xff00).toString(16);
  return [`${a}:${b}:${c}:${high}::/56`, `${a}:${b}:${c}::/48`];
}
