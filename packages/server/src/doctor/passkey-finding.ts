import type { Config } from '../config/config.ts';
import { passkeySiteOf } from '../config/passkey-settings.ts';
import type { Finding } from './finding.ts';

/** Passkeys by the domain that they were made for; `undefined` = not known. */
type Counts = readonly { readonly domain: string | undefined; readonly count: number }[];

const finding = (level: Finding['level'], message: string): Finding => ({
  check: 'passkeys',
  level,
  message,
});

/** Whether the stored passkeys belong to the present domain; none if there are none, or factors are off. */
export function passkeyFindings(config: Config, counts: Counts): Finding[] {
  const stored = sumOf(counts);
  if (stored === 0 || config.mfa === 'off') return [];
  const site = passkeySiteOf(config);
  if (!site)
    return [
      finding(
        'warning',
        `${stored} cannot be used: they need an https GATEPASS_PUBLIC_URL with a domain`,
      ),
    ];
  const unknown = sumOf(counts.filter(({ domain }) => domain === undefined));
  const foreign = counts.flatMap(({ domain, count }) =>
    domain === undefined || domain === site.domain ? [] : [{ domain, count }],
  );
  if (foreign.length === 0) {
    const rest = unknown > 0 ? `; of ${unknown} the domain is not known until their next use` : '';
    return [finding('ok', `${stored}, for ${site.domain}${rest}`)];
  }
  const domains = foreign.map(({ domain, count }) => `${domain} (${count})`).join(', ');
  return [
    finding(
      'warning',
      `${sumOf(foreign)} of ${stored} cannot be used: they were made for ${domains}, and the domain is ${site.domain} now. Set GATEPASS_PASSKEY_DOMAIN or GATEPASS_PUBLIC_URL back, or have their owners add new ones`,
    ),
  ];
}

const sumOf = (counts: readonly { readonly count: number }[]) =>
  counts.reduce((sum, { count }) => sum + count, 0);
