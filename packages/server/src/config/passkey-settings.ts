/** The settings of passkeys: for which domain they are made, and whose pages may ask for them. */
import { isIP } from 'node:net';
import { keepsCookies } from './cookie-settings.ts';
import { wildcardOf } from './origins.ts';
import type { Parsed } from './parsed.ts';
import { optionalText, origins, type Setting } from './values.ts';

function passkeyOrigins(text: string): Parsed<readonly string[]> {
  const parsed = origins(text);
  if (!('value' in parsed)) return parsed;
  const unfit = parsed.value.find((entry) => wildcardOf(entry) || !keepsCookies(entry));
  return unfit === undefined
    ? parsed
    : { fault: `lists "${unfit}" (passkeys need an origin of https, or of localhost, without *)` };
}

export const passkeySettings = {
  GATEPASS_PASSKEY_DOMAIN: {
    fallback: '',
    expects: 'a domain such as example.com; empty for the host of GATEPASS_PUBLIC_URL',
    parse: optionalText(/^(?=.{1,253}$)[a-z0-9-]+(?:\.[a-z0-9-]+)*$/),
  } satisfies Setting<string>,
  GATEPASS_PASSKEY_ORIGINS: {
    fallback: '',
    expects: 'origins separated by commas, such as https://app.example.com',
    parse: passkeyOrigins,
  } satisfies Setting<readonly string[]>,
} as const;

type PasskeyConfig = {
  readonly publicUrl: string;
  readonly cookieOrigins: readonly string[];
  readonly passkeyDomain: string;
  readonly passkeyOrigins: readonly string[];
};

/** What WebAuthn calls the relying party: the domain of the passkeys, and the pages that ask for them. */
export type PasskeySite = { readonly domain: string; readonly origins: readonly string[] };

/** Whether a page may ask for passkeys of a domain: browsers allow its own host and what is below it. */
const isWithin = (domain: string, origin: string): boolean => {
  const { hostname } = new URL(origin);
  return hostname === domain || hostname.endsWith(`.${domain}`);
};

/** @returns `undefined` where there are no passkeys: without a public URL, or where it is an IP address */
export function passkeySiteOf(config: PasskeyConfig): PasskeySite | undefined {
  const { publicUrl, cookieOrigins } = config;
  if (!keepsCookies(publicUrl)) return undefined;
  const { origin, hostname } = new URL(publicUrl);
  const domain = config.passkeyDomain || hostname;
  if (isIP(domain.replace(/^\[|\]$/g, ''))) return undefined;
  const listed = [origin, ...cookieOrigins, ...config.passkeyOrigins];
  return { domain, origins: [...new Set(listed)].filter((each) => isWithin(domain, each)) };
}

/** Settings that contradict each other, a sentence each. */
export function passkeyFaults(config: PasskeyConfig): string[] {
  const { publicUrl, passkeyDomain: domain, passkeyOrigins: listed } = config;
  const isUsed = domain !== '' || listed.length > 0;
  if (!isUsed) return [];
  const site = passkeySiteOf(config);
  if (!site)
    return ['GATEPASS_PUBLIC_URL must be an https URL with a domain when passkeys are set up'];
  if (!isWithin(site.domain, publicUrl))
    return ['GATEPASS_PASSKEY_DOMAIN must be the host of GATEPASS_PUBLIC_URL or a domain above it'];
  const foreign = listed.find((origin) => !isWithin(site.domain, origin));
  return foreign === undefined
    ? []
    : [
        `GATEPASS_PASSKEY_ORIGINS lists ${foreign}, which is not below ${site.domain}: set GATEPASS_PASSKEY_DOMAIN`,
      ];
}
