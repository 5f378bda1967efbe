/** Findings on cookie mode: whether browsers keep the cookie and send it from the listed pages. */

import type { Config } from '../config/config.ts';
import { keepsCookies } from '../config/cookie-settings.ts';
import type { Finding } from './finding.ts';

const finding = (level: Finding['level'], message: string): Finding => ({
  check: 'cookies',
  level,
  message,
});

/** None without a public URL, and so without cookie mode. */
export async function cookieFindings(config: Config): Promise<Finding[]> {
  const { publicUrl, cookieOrigins, corsOrigins } = config;
  if (publicUrl === '') return [];
  if (!keepsCookies(publicUrl))
    return [
      finding(
        'warning',
        `GATEPASS_PUBLIC_URL=${publicUrl} is not https, so browsers store no secure cookie: /api/session returns 404`,
      ),
    ];
  const service = new URL(publicUrl);
  const foreign: string[] = [];
  for (const origin of cookieOrigins)
    if (!(await isSameSite(new URL(origin), service))) foreign.push(origin);
  const silent = cookieOrigins.filter((origin) => !corsOrigins.includes(origin));
  const warnings = [
    ...foreign.map((origin) =>
      finding(
        'warning',
        `${origin} is not on the same site as ${publicUrl}: its pages can log in, but browsers send no third-party cookie afterwards. Serve both under one domain, or remove it from GATEPASS_COOKIE_ORIGINS`,
      ),
    ),
    ...silent.map((origin) =>
      finding(
        'warning',
        `${origin} is in GATEPASS_COOKIE_ORIGINS but not in GATEPASS_CORS_ORIGINS: its pages can log in and refresh, but call no other route`,
      ),
    ),
  ];
  return warnings.length > 0
    ? warnings
    : [
        finding(
          'ok',
          `sessions in cookies for pages of ${[service.origin, ...cookieOrigins].join(', ')}`,
        ),
      ];
}

/** As browsers see it: the same scheme, and the same domain below a public suffix. */
async function isSameSite(page: URL, service: URL): Promise<boolean> {
  if (page.protocol !== service.protocol) return false;
  if (page.hostname === service.hostname) return true;
  // The list of suffixes is some 100 kB: only loaded here.
  const { getDomain } = await import('tldts');
  const [own, other] = [page, service].map(({ hostname }) =>
    getDomain(hostname, { allowPrivateDomains: true }),
  );
  return own !== null && own !== undefined && own === other;
}
