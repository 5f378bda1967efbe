/** The settings of sessions in cookies. */
import { isLoopback } from './exposure.ts';
import { wildcardOf } from './origins.ts';
import type { Parsed } from './parsed.ts';
import { boolean, origins, type Setting } from './values.ts';

/** Cookies are for single sites: no wildcards, and no apps, whose pages are of no site. */
function cookieOrigins(text: string): Parsed<readonly string[]> {
  const parsed = origins(text);
  if (!('value' in parsed)) return parsed;
  const unfit = parsed.value.find((entry) => wildcardOf(entry) || !/^https?:/.test(entry));
  return unfit === undefined
    ? parsed
    : { fault: `lists "${unfit}" (cookies need an origin of http or https without *)` };
}

export const cookieSettings = {
  GATEPASS_COOKIE_ORIGINS: {
    fallback: '',
    expects: 'origins separated by commas, such as https://app.example.com',
    parse: cookieOrigins,
  } satisfies Setting<readonly string[]>,
  GATEPASS_FORWARD_COOKIE: {
    fallback: 'false',
    expects: 'true or false',
    parse: boolean,
  } satisfies Setting<boolean>,
} as const;

/** Browsers treat these like TLS (W3C Secure Contexts §3.1). */
const isOwnMachine = (hostname: string): boolean =>
  isLoopback(hostname.replace(/^\[|\]$/g, '')) || hostname.endsWith('.localhost');

/** Whether browsers keep a session's cookie of this address: TLS, or plain HTTP of the same machine. */
export function keepsCookies(publicUrl: string): boolean {
  const url = URL.parse(publicUrl);
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && isOwnMachine(url.hostname));
}

type CookieConfig = {
  readonly publicUrl: string;
  readonly cookieOrigins: readonly string[];
  readonly forwardCookie: boolean;
};

/** Settings that contradict each other, a sentence each. */
export function cookieFaults({ publicUrl, ...config }: CookieConfig): string[] {
  if (keepsCookies(publicUrl)) return [];
  const { cookieOrigins: listed, forwardCookie } = config;
  const needing = [
    ...(listed.length > 0 ? ['GATEPASS_COOKIE_ORIGINS lists pages'] : []),
    ...(forwardCookie ? ['GATEPASS_FORWARD_COOKIE is true'] : []),
  ];
  return needing.map((why) => `GATEPASS_PUBLIC_URL must be an https URL where ${why}`);
}
