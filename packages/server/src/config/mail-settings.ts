/** The settings of mail and of what it proves. */
import { type MailUrl, parseMailUrl } from './mail-url.ts';
import type { Parsed } from './parsed.ts';
import { oneOf, type Setting } from './values.ts';

const NOTICES = [
  'password_changed',
  'email_changed',
  'login_failures',
  'new_device',
  'factor_added',
  'factor_removed',
  'factor_failures',
  'recovery_code_used',
] as const;
export type Notice = (typeof NOTICES)[number];

type MailFrom = { readonly name: string; readonly address: string };

const ADDRESS = /^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[A-Za-z0-9.-]{1,190}$/;
const NAMED = /^([^<>"\\\p{Cc}]{1,100}) <([^<> ]+)>$/u;

function mailUrl(text: string): Parsed<MailUrl | 'off'> {
  return text === '' ? { value: 'off' } : parseMailUrl(text);
}

function mailFrom(text: string): Parsed<MailFrom | undefined> {
  if (text === '') return { value: undefined };
  const [, name = '', inBrackets] = NAMED.exec(text) ?? [];
  const address = inBrackets ?? text;
  return ADDRESS.test(address) ? { value: { name, address } } : {};
}

/** Without a slash at its end, so that paths can follow. */
export function publicUrl(text: string): Parsed<string> {
  if (text === '') return { value: '' };
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url && url.search === '' && url.hash === '' && url.username === '';
  if (!isPlain || !/^https?:$/.test(url.protocol)) return {};
  return { value: url.href.replace(/\/$/, '') };
}

function linkTemplate(text: string): Parsed<string> {
  if (text === '') return { value: '' };
  if (!text.includes('{token}') || !text.includes('{uid}'))
    return { fault: 'lacks {uid} or {token}' };
  const isUrl = /^[a-z][a-z0-9+.-]*:\/\//.test(text) && URL.canParse(text);
  return isUrl && !/^(?:javascript|data):/.test(text) ? { value: text } : {};
}

function notices(text: string): Parsed<readonly Notice[]> {
  if (text === 'off') return { value: [] };
  const listed = text.split(',').map((each) => each.trim());
  const known = NOTICES.filter((notice) => listed.includes(notice));
  return known.length === listed.length ? { value: known } : {};
}

const template = (page: string) =>
  ({
    fallback: '',
    expects: `a URL with {uid} and {token}; empty for our own page /account/${page}`,
    parse: linkTemplate,
  }) satisfies Setting<string>;

export const mailSettings = {
  GATEPASS_PUBLIC_URL: {
    fallback: '',
    expects: 'the URL that people see, such as https://id.example.com, without query or fragment',
    parse: publicUrl,
  } satisfies Setting<string>,
  GATEPASS_SMTP_URL: {
    fallback: '',
    expects: 'smtp://USER:PASSWORD@HOST:PORT, smtps://…, log: or file:DIR',
    parse: mailUrl,
    isReadFromFile: true,
  } satisfies Setting<MailUrl | 'off'>,
  GATEPASS_MAIL_FROM: {
    fallback: '',
    expects: 'an address, or a name and an address: Example <no-reply@example.com>',
    parse: mailFrom,
  } satisfies Setting<MailFrom | undefined>,
  GATEPASS_RESET_URL: template('reset'),
  GATEPASS_ACTIVATION_URL: template('activate'),
  GATEPASS_EMAIL_CHANGE_URL: template('email'),
  GATEPASS_EMAIL_UNDO_URL: template('undo'),
  GATEPASS_EMAIL_VERIFICATION: {
    fallback: 'off',
    expects: 'off, optional or required',
    parse: oneOf('off', 'optional', 'required'),
  } satisfies Setting<'off' | 'optional' | 'required'>,
  GATEPASS_MAIL_NOTICES: {
    fallback: NOTICES.join(','),
    expects: `off, or a list of ${NOTICES.join(', ')}`,
    parse: notices,
  } satisfies Setting<readonly Notice[]>,
} as const;

type MailConfig = {
  readonly port: number;
  readonly publicUrl: string;
  readonly smtpUrl: MailUrl | 'off';
  readonly mailFrom: MailFrom | undefined;
  readonly emailVerification: 'off' | 'optional' | 'required';
};

/** Settings that contradict each other, a sentence each. */
export function mailFaults(config: MailConfig): string[] {
  const { smtpUrl, publicUrl: url, mailFrom: from, emailVerification } = config;
  if (smtpUrl === 'off')
    return emailVerification === 'off'
      ? []
      : ['GATEPASS_EMAIL_VERIFICATION needs mail: set GATEPASS_SMTP_URL'];
  if (smtpUrl.kind !== 'smtp') return [];
  return [
    ...(url === ''
      ? ['GATEPASS_PUBLIC_URL must be set when mail is set up: links in mails begin with it']
      : []),
    ...(from ? [] : ['GATEPASS_MAIL_FROM must be set when mail is set up']),
  ];
}

/**
 * Development without a mail server needs no other setting.
 *
 * @param port that the service listens on
 * @throws {Error} before it does: the mail is tried again
 */
export function developmentUrl(port: number | undefined): string {
  if (port === undefined) throw new Error('the service does not listen yet');
  return `http://127.0.0.1:${port}`;
}
export const DEVELOPMENT_FROM: MailFrom = { name: 'Gatepass', address: 'gatepass@localhost' };
