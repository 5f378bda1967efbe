/** Warnings about a valid configuration. Pure. */
import { isIP } from 'node:net';

type Edge = {
  readonly host: string;
  readonly adminHost: string;
  readonly adminPort: number | 'off' | 'next';
  readonly trustedProxies: readonly string[];
};
type Origin = { readonly secret: string; readonly issuer: string; readonly audience: string };

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/i;
const EVERYWHERE = ['0.0.0.0', '::'];

export const isLoopback = (host: string): boolean => LOOPBACK.test(host);

/**
 * Whether a `Host` is an address or localhost. A page whose name was rebound to 127.0.0.1 sends that
 * name, and its browser would let it read the response.
 */
export function isOwnName(host = ''): boolean {
  const name = host.replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1');
  return isIP(name) !== 0 || isLoopback(name);
}

/** Whether two listeners on one port would meet. */
export const overlap = (host: string, other: string): boolean =>
  host === other ||
  [host, other].some((each) => EVERYWHERE.includes(each)) ||
  (isLoopback(host) && isLoopback(other));

/** None = reachable from this machine only, or a proxy is expected. */
export function exposedHosts({ host, adminHost, adminPort, trustedProxies }: Edge): string[] {
  if (trustedProxies.length > 0) return [];
  const listeners = [`GATEPASS_HOST=${host}`, `GATEPASS_ADMIN_HOST=${adminHost}`];
  const exposed = [!isLoopback(host), adminPort !== 'off' && !isLoopback(adminHost)];
  return listeners
    .filter((_, at) => exposed[at])
    .map(
      (setting) =>
        `${setting} is reachable from outside over plain HTTP: put a TLS proxy in front and name it in GATEPASS_TRUSTED_PROXIES`,
    );
}

/** `undefined` = tokens say who issued them, or the secret is this installation's own. */
export function sharedSecret({ secret, issuer, audience }: Origin): string | undefined {
  if (secret === '' || issuer !== '' || audience !== '') return undefined;
  return 'GATEPASS_SECRET is set and GATEPASS_ISSUER and GATEPASS_AUDIENCE are not: another service with this secret, such as a staging environment, issues tokens that are valid here. Set GATEPASS_ISSUER, to another value for each environment';
}
