/**
 * Cookies of this host that no script of a page can read. Owns their names, attributes and reading;
 * what they hold is a session's refresh token (refresh-token.ts) or that of a device
 * (known-device.ts). Imported by token/, app.ts and routes.ts.
 */
import type { Clock } from '../../clock.ts';

export type HostCookie = ReturnType<typeof createHostCookie>;

/**
 * @param label its name after the prefix
 * @param publicUrl the address people see. The prefix `__Host-` keeps other hosts of the domain from
 *   setting the cookie (RFC 6265bis §4.1.3.2), and needs TLS: at http://localhost there is none
 */
export function createHostCookie(label: string, publicUrl: string, clock: Clock) {
  const isSecure = !publicUrl.startsWith('http:');
  const name = isSecure ? `__Host-${label}` : label;
  const attributes = `Path=/; ${isSecure ? 'Secure; ' : ''}HttpOnly; SameSite=Lax`;

  const valuesIn = (header: string) =>
    new Set(
      header
        .split(';')
        .map((pair) => pair.trim())
        .filter((pair) => pair.startsWith(`${name}=`))
        .map((pair) => pair.slice(name.length + 1)),
    );

  return {
    /** The header value that sets it for the token's lifetime. @param expiresAt epoch milliseconds */
    keep(token: string, expiresAt: number): string {
      const seconds = Math.max(0, Math.floor((expiresAt - clock.now()) / 1000));
      return `${name}=${token}; ${attributes}; Max-Age=${seconds}`;
    },

    clear: `${name}=; ${attributes}; Max-Age=0`,

    /**
     * The token in a `Cookie` header. Of several with different values none counts: one may be from
     * another host of the domain, and the browser does not tell which.
     */
    read(header = ''): string | undefined {
      const values = valuesIn(header);
      const [value] = values;
      return values.size === 1 && value !== '' ? value : undefined;
    },

    /** Whether a `Cookie` header contains the cookie. */
    isIn: (header = ''): boolean => valuesIn(header).size > 0,
  };
}
