/**
 * The one reader of the environment: variables in, a frozen Config out, every fault reported at
 * once. Owns names, defaults and bounds; knows nothing of what a value is used for.
 * `docs/configuration.md` is tested against the `settings` table.
 */
import { secretFault } from './secret-strength.ts';

const SECOND = 1000;
const UNITS = { s: SECOND, m: 60 * SECOND, h: 3600 * SECOND, d: 86_400 * SECOND } as const;

export type Argon2Cost = Readonly<{ memoryKiB: number; passes: number; parallelism: number }>;

type Setting<T> = {
  readonly fallback: string;
  /** What a good value looks like, to finish the sentence "… must be". */
  readonly expects: string;
  /** `undefined` = refused. A string starting with "!" is a more exact complaint. */
  readonly parse: (text: string) => T | undefined;
  readonly aliases?: readonly string[];
};

const oneOf =
  <const T extends string>(...choices: T[]) =>
  (text: string): T | undefined =>
    choices.find((choice) => choice === text);

const integer = (min: number, max: number) => (text: string) => {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  return value >= min && value <= max ? value : undefined;
};

const duration = (minSeconds: number, maxDays: number) => (text: string) => {
  const match = /^(\d{1,9})([smhd])$/.exec(text);
  if (!match) return undefined;
  const value = Number(match[1]) * UNITS[match[2] as keyof typeof UNITS];
  return value >= minSeconds * SECOND && value <= maxDays * UNITS.d ? value : undefined;
};

const boolean = (text: string) => ({ true: true, false: false })[text];

const optionalText = (pattern: RegExp) => (text: string) =>
  text === '' ? '' : pattern.test(text) ? text : undefined;

const argon2Cost = (text: string): Argon2Cost | undefined => {
  const match = /^m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})$/.exec(text);
  if (!match) return undefined;
  const [memoryKiB, passes, parallelism] = match.slice(1).map(Number) as [number, number, number];
  const strong = memoryKiB * passes >= 19_456 * 2 || (memoryKiB >= 47_104 && passes >= 1);
  const bounded = memoryKiB <= 1_048_576 && passes >= 1 && parallelism >= 1 && parallelism <= 16;
  return strong && bounded ? { memoryKiB, passes, parallelism } : undefined;
};

const databaseUrl = (text: string) => (/^sqlite:.+/.test(text) ? text : undefined);

/** Every variable Gatepass reads, in the order of the documentation. */
export const settings = {
  GATEPASS_HOST: {
    fallback: '127.0.0.1',
    expects: 'an IP address or host name to listen on',
    parse: (text) => (/^[\w.:-]{1,253}$/.test(text) ? text : undefined),
  } satisfies Setting<string>,
  GATEPASS_PORT: {
    fallback: '8000',
    expects: 'a port number from 0 (any free port) to 65535',
    parse: integer(0, 65_535),
    aliases: ['PORT'],
  } satisfies Setting<number>,
  GATEPASS_DATABASE_URL: {
    fallback: 'sqlite:./data/gatepass.db',
    expects: 'sqlite:PATH, for example sqlite:./data/gatepass.db (PostgreSQL is not supported yet)',
    parse: databaseUrl,
    aliases: ['DATABASE_URL'],
  } satisfies Setting<string>,
  GATEPASS_SECRET: {
    fallback: '',
    expects: 'at least 32 random bytes, for example from: openssl rand -hex 32',
    parse: (text) => {
      const fault = text === '' ? undefined : secretFault(text);
      return fault === undefined ? text : `!${fault}`;
    },
  } satisfies Setting<string>,
  GATEPASS_ACCESS_TOKEN_LIFETIME: {
    fallback: '5m',
    expects: 'a duration from 1s to 1d, such as 90s, 5m or 1h',
    parse: duration(1, 1),
  } satisfies Setting<number>,
  GATEPASS_REFRESH_TOKEN_LIFETIME: {
    fallback: '24h',
    expects: 'a duration from 1s to 365d, such as 12h, 24h or 14d',
    parse: duration(1, 365),
  } satisfies Setting<number>,
  GATEPASS_ROTATE_REFRESH_TOKENS: {
    fallback: 'false',
    expects: 'true or false',
    parse: boolean,
  } satisfies Setting<boolean>,
  GATEPASS_SESSION_LIFETIME: {
    fallback: '30d',
    expects: 'a duration from 1m to 3650d, such as 12h or 30d',
    parse: duration(60, 3650),
  } satisfies Setting<number>,
  GATEPASS_SIGNING_ALG: {
    fallback: 'HS256',
    expects: 'HS256 (asymmetric algorithms are not supported yet)',
    parse: oneOf('HS256'),
  } satisfies Setting<string>,
  GATEPASS_ISSUER: {
    fallback: '',
    expects: 'a URL or name for the "iss" claim, without spaces',
    parse: optionalText(/^[\x21-\x7e]{1,255}$/),
  } satisfies Setting<string>,
  GATEPASS_AUDIENCE: {
    fallback: '',
    expects: 'a URL or name for the "aud" claim, without spaces',
    parse: optionalText(/^[\x21-\x7e]{1,255}$/),
  } satisfies Setting<string>,
  GATEPASS_WORKERS: {
    fallback: '1',
    expects: 'a number of processes from 1 to 64, or auto (one per core)',
    parse: (text) => (text === 'auto' ? 'auto' : integer(1, 64)(text)),
  } satisfies Setting<number | 'auto'>,
  GATEPASS_REGISTRATION: {
    fallback: 'open',
    expects: 'open or closed',
    parse: oneOf('open', 'closed'),
  } satisfies Setting<string>,
  GATEPASS_PASSWORD_MIN_LENGTH: {
    fallback: '8',
    expects: 'a number of characters from 8 to 64',
    parse: integer(8, 64),
  } satisfies Setting<number>,
  GATEPASS_PASSWORD_HASH: {
    fallback: 'm=19456,t=2,p=1',
    expects:
      'Argon2id costs of at least m=19456,t=2,p=1 or m=47104,t=1,p=1 (m in KiB, at most 1048576)',
    parse: argon2Cost,
  } satisfies Setting<Argon2Cost>,
  GATEPASS_ACCEPT_SESSIONLESS_TOKENS: {
    fallback: 'false',
    expects: 'true or false',
    parse: boolean,
  } satisfies Setting<boolean>,
  GATEPASS_LOG_LEVEL: {
    fallback: 'info',
    expects: 'trace, debug, info, warn, error, fatal or silent',
    parse: oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
  } satisfies Setting<string>,
  GATEPASS_LOG_FORMAT: {
    fallback: '',
    expects: 'json or pretty (default: pretty on a terminal, json elsewhere)',
    parse: (text) => (text === '' ? 'auto' : oneOf('json', 'pretty')(text)),
  } satisfies Setting<'auto' | 'json' | 'pretty'>,
} as const;

export type SettingName = keyof typeof settings;

type Value<Name extends SettingName> = Exclude<
  ReturnType<(typeof settings)[Name]['parse']>,
  undefined
>;

/** The environment is faulty; `faults` has one line per variable, none of which shows a secret. */
export class ConfigError extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`The configuration is faulty:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads and checks the configuration.
 *
 * @param env variables by name; `process.env` unless given
 * @throws {ConfigError} with every fault at once
 * @example const config = readConfig({ GATEPASS_PORT: '9000' });
 */
export function readConfig(env: Environment = process.env) {
  const faults: string[] = [];
  const read = <Name extends SettingName>(name: Name): Value<Name> => {
    const setting: Setting<unknown> = settings[name];
    const source = [name, ...(setting.aliases ?? [])].find((each) => (env[each] ?? '') !== '');
    const value = setting.parse(source === undefined ? setting.fallback : (env[source] ?? ''));
    if (value === undefined) faults.push(`${source ?? name} must be ${setting.expects}`);
    else if (typeof value === 'string' && value.startsWith('!')) {
      faults.push(`${source ?? name} ${value.slice(1)}: it must be ${setting.expects}`);
    }
    return value as Value<Name>;
  };
  const config = Object.freeze({
    host: read('GATEPASS_HOST'),
    port: read('GATEPASS_PORT'),
    databaseUrl: read('GATEPASS_DATABASE_URL'),
    /** The HS256 secret as UTF-8 text; empty = generate one and keep it in the database. */
    secret: read('GATEPASS_SECRET'),
    /** Lifetimes in milliseconds. */
    accessTokenLifetime: read('GATEPASS_ACCESS_TOKEN_LIFETIME'),
    refreshTokenLifetime: read('GATEPASS_REFRESH_TOKEN_LIFETIME'),
    rotateRefreshTokens: read('GATEPASS_ROTATE_REFRESH_TOKENS'),
    /** Milliseconds a session lives at most where refresh tokens rotate. */
    sessionLifetime: read('GATEPASS_SESSION_LIFETIME'),
    signingAlgorithm: read('GATEPASS_SIGNING_ALG'),
    issuer: read('GATEPASS_ISSUER'),
    audience: read('GATEPASS_AUDIENCE'),
    workers: read('GATEPASS_WORKERS'),
    registration: read('GATEPASS_REGISTRATION'),
    passwordMinLength: read('GATEPASS_PASSWORD_MIN_LENGTH'),
    passwordHash: read('GATEPASS_PASSWORD_HASH'),
    acceptSessionlessTokens: read('GATEPASS_ACCEPT_SESSIONLESS_TOKENS'),
    logLevel: read('GATEPASS_LOG_LEVEL'),
    logFormat: read('GATEPASS_LOG_FORMAT'),
  });
  if (config.refreshTokenLifetime < config.accessTokenLifetime) {
    faults.push(
      'GATEPASS_REFRESH_TOKEN_LIFETIME must not be shorter than GATEPASS_ACCESS_TOKEN_LIFETIME',
    );
  }
  if (config.rotateRefreshTokens && config.sessionLifetime < config.refreshTokenLifetime) {
    faults.push(
      'GATEPASS_SESSION_LIFETIME must not be shorter than GATEPASS_REFRESH_TOKEN_LIFETIME',
    );
  }
  if (faults.length > 0) throw new ConfigError(faults);
  return config;
}

export type Config = ReturnType<typeof readConfig>;

/** Variables that look like ours and are not read: a typing error, or a later version's. */
export function unknownSettings(env: Environment = process.env): string[] {
  return Object.keys(env).filter((name) => name.startsWith('GATEPASS_') && !(name in settings));
}
