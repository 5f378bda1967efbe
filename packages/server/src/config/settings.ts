/**
 * Every variable Gatepass reads: its default, its bounds, the end of the sentence "… must be". Knows
 * nothing of the environment or of what a value is used for. `docs/configuration.md` is tested
 * against this table.
 */
import { adminSettings } from './admin-settings.ts';
import { claimSettings } from './claim-settings.ts';
import { cookieSettings } from './cookie-settings.ts';
import { type Rates, rates } from './limits.ts';
import { mailSettings } from './mail-settings.ts';
import { passkeySettings } from './passkey-settings.ts';
import { passwordSettings } from './password-settings.ts';
import { tokenSettings } from './token-settings.ts';
import {
  boolean,
  databaseUrl,
  duration,
  either,
  hostName,
  integer,
  networks,
  oneOf,
  optionalPostgresUrl,
  origins,
  type Setting,
} from './values.ts';

/** In the order of the documentation. */
export const settings = {
  GATEPASS_HOST: {
    fallback: '127.0.0.1',
    expects: 'an IP address or host name to listen on',
    parse: hostName,
  } satisfies Setting<string>,
  GATEPASS_PORT: {
    fallback: '8000',
    expects: 'a port number from 0 (any free port) to 65535',
    parse: integer(0, 65_535),
    aliases: ['PORT'],
  } satisfies Setting<number>,
  GATEPASS_DATABASE_URL: {
    fallback: 'sqlite:./data/gatepass.db',
    expects: 'sqlite:PATH or postgres://USER:PASSWORD@HOST:PORT/NAME',
    parse: databaseUrl,
    aliases: ['DATABASE_URL'],
    isReadFromFile: true,
  } satisfies Setting<string>,
  GATEPASS_DATABASE_DIRECT_URL: {
    fallback: '',
    expects: 'postgres://USER:PASSWORD@HOST:PORT/NAME',
    parse: optionalPostgresUrl,
    isReadFromFile: true,
  } satisfies Setting<string>,
  GATEPASS_DATABASE_POOL_SIZE: {
    fallback: '10',
    expects: 'a number of connections from 1 to 200',
    parse: integer(1, 200),
  } satisfies Setting<number>,
  ...tokenSettings,
  ...claimSettings,
  GATEPASS_WORKERS: {
    fallback: '1',
    expects: 'a number of processes from 1 to 64, or auto (one per core)',
    parse: either('auto', 'auto', integer(1, 64)),
  } satisfies Setting<number | 'auto'>,
  GATEPASS_RATE_LIMITS: {
    fallback: 'on',
    expects: 'on or off',
    parse: oneOf('on', 'off'),
  } satisfies Setting<string>,
  GATEPASS_LIMITS: {
    fallback: '',
    expects: 'limits separated by commas, such as register-network=50/1h,login-network=200/15m',
    parse: rates,
  } satisfies Setting<Rates>,
  GATEPASS_TRUSTED_PROXIES: {
    fallback: '',
    expects: 'IP addresses or networks separated by commas, such as 127.0.0.1,10.0.0.0/8,fd00::/8',
    parse: networks,
  } satisfies Setting<readonly string[]>,
  GATEPASS_DOCS: {
    fallback: 'on',
    expects: 'on or off',
    parse: oneOf('on', 'off'),
  } satisfies Setting<string>,
  GATEPASS_REGISTRATION: {
    fallback: 'open',
    expects: 'open or closed',
    parse: oneOf('open', 'closed'),
  } satisfies Setting<string>,
  ...passwordSettings,
  GATEPASS_ACCEPT_SESSIONLESS_TOKENS: {
    fallback: 'false',
    expects: 'true or false',
    parse: boolean,
  } satisfies Setting<boolean>,
  GATEPASS_CORS_ORIGINS: {
    fallback: '',
    expects: 'origins separated by commas, such as https://app.example.com,http://localhost:5173',
    parse: origins,
  } satisfies Setting<readonly string[]>,
  ...cookieSettings,
  ...mailSettings,
  GATEPASS_MFA: {
    fallback: 'optional',
    expects: 'optional, required or off',
    parse: oneOf('optional', 'required', 'off'),
  } satisfies Setting<'optional' | 'required' | 'off'>,
  GATEPASS_MFA_GRACE: {
    fallback: '7d',
    expects: 'a duration from 0s to 365d, such as 24h or 7d',
    parse: duration('0s', '365d'),
  } satisfies Setting<number>,
  ...passkeySettings,
  GATEPASS_AUDIT_RETENTION: {
    fallback: '90d',
    expects: 'a duration from 1h to 3650d, such as 30d or 90d',
    parse: duration('1h', '3650d'),
  } satisfies Setting<number>,
  ...adminSettings,
  GATEPASS_METRICS_PORT: {
    fallback: '',
    expects: 'a port number from 0 (any free port) to 65535; empty for no metrics',
    parse: either('off', '', integer(0, 65_535)),
  } satisfies Setting<number | 'off'>,
  GATEPASS_METRICS_HOST: {
    fallback: '127.0.0.1',
    expects: 'an IP address or host name to listen on',
    parse: hostName,
  } satisfies Setting<string>,
  GATEPASS_LOG_LEVEL: {
    fallback: 'info',
    expects: 'trace, debug, info, warn, error, fatal or silent',
    parse: oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
  } satisfies Setting<string>,
  GATEPASS_LOG_FORMAT: {
    fallback: '',
    expects: 'json or pretty (default: pretty on a terminal, json elsewhere)',
    parse: either('auto', '', oneOf('json', 'pretty')),
  } satisfies Setting<'auto' | 'json' | 'pretty'>,
} as const;

export type SettingName = keyof typeof settings;

const named: Readonly<Record<string, Setting<unknown>>> = settings;

/** Every variable that is read: settings, their aliases, and files in place of values. */
export const knownNames: readonly string[] = Object.entries(named).flatMap(
  ([name, { aliases = [], isReadFromFile }]) => [
    name,
    ...aliases,
    ...(isReadFromFile ? [`${name}_FILE`] : []),
  ],
);
