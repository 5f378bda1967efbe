/** The mail server, parsed from a URL. Pure. */
import { createNetworks, readAddress } from './network-address.ts';

const LOOPBACK = createNetworks(['127.0.0.0/8', '::1']);
const isLoopback = (host: string) =>
  host === 'localhost' || LOOPBACK(readAddress(host) ?? '192.0.2.1');

export type MailUrl =
  | { readonly kind: 'log' }
  | { readonly kind: 'file'; readonly directory: string }
  | {
      readonly kind: 'smtp';
      readonly host: string;
      readonly port: number;
      /** TLS from the first byte (RFC 8314 §3.3). */
      readonly isSecure: boolean;
      /** STARTTLS or no mail: nothing is sent in clear. */
      readonly requiresTls: boolean;
      readonly user: string | undefined;
      readonly password: string | undefined;
    };

const SMTPS_PORT = 465;
const SUBMISSION_PORT = 587;

/**
 * Reads `smtp://USER:PASSWORD@HOST:PORT`, `smtps://…`, `log:` or `file:DIR`. `smtp:` demands
 * STARTTLS unless the server is on this machine or the URL says `?starttls=optional`.
 *
 * @returns a fault that shows no part of the URL
 */
export function parseMailUrl(text: string): { value: MailUrl } | { fault: string } {
  if (text === 'log:') return { value: { kind: 'log' } };
  if (text.startsWith('file:')) {
    const directory = text.slice('file:'.length).replace(/^\/\/(?=\/)/, '');
    return directory === ''
      ? { fault: 'names no directory' }
      : { value: { kind: 'file', directory } };
  }
  const scheme = /^(smtps?):\/\//.exec(text)?.[1];
  if (!scheme) return { fault: 'has no scheme smtp://, smtps://, log: or file:' };
  if (!URL.canParse(text.replace(/^smtps?/, 'http')))
    return { fault: 'cannot be read; percent-encode the password' };
  const url = new URL(text.replace(/^smtps?/, 'http'));
  if (url.hostname === '' || url.pathname.length > 1 || url.hash !== '')
    return { fault: 'must be smtp://USER:PASSWORD@HOST:PORT; percent-encode the password' };
  const unknown = [...url.searchParams.keys()].some((name) => name !== 'starttls');
  const starttls = url.searchParams.get('starttls') ?? 'required';
  if (unknown || !['required', 'optional'].includes(starttls))
    return { fault: 'takes one parameter, starttls=required or starttls=optional' };
  const [user, password] = [decode(url.username), decode(url.password)];
  if (user === undefined || password === undefined)
    return { fault: 'has a user or password that is not percent-encoded' };
  const isSecure = scheme === 'smtps';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  // WHATWG URLs drop the default port of their scheme, here http's.
  const named = /:(\d+)(?:[/?]|$)/.exec(
    text.slice(text.lastIndexOf('@') + 1).replace(/^smtps?:\/\//, ''),
  );
  const port = Number(named?.[1] ?? (isSecure ? SMTPS_PORT : SUBMISSION_PORT));
  return {
    value: {
      kind: 'smtp',
      host,
      port,
      isSecure,
      requiresTls: !isSecure && starttls === 'required' && !isLoopback(host),
      user: user === '' ? undefined : user,
      password: password === '' ? undefined : password,
    },
  };
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
