/**
 * The one reader of the environment: variables in, a frozen Config out, every fault reported at
 * once. Names, defaults and bounds are in settings.ts.
 */

import { type SettingName, settings } from './settings.ts';
import type { Setting } from './values.ts';

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

/** Variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads and checks the configuration.
 *
 * @param env variables by name, such as `process.env`
 * @throws {ConfigError} with every fault at once
 * @example const config = readConfig({ GATEPASS_PORT: '9000' });
 */
export function readConfig(env: Environment) {
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
    /** Connections at most of each process to PostgreSQL; one more listens. */
    databasePoolSize: read('GATEPASS_DATABASE_POOL_SIZE'),
    /** The HS256 secret as UTF-8 text; empty = generate one and keep it in the database. */
    secret: read('GATEPASS_SECRET'),
    /** Lifetimes in milliseconds. */
    accessTokenLifetime: read('GATEPASS_ACCESS_TOKEN_LIFETIME'),
    refreshTokenLifetime: read('GATEPASS_REFRESH_TOKEN_LIFETIME'),
    rotateRefreshTokens: read('GATEPASS_ROTATE_REFRESH_TOKENS'),
    /** Milliseconds a session lives at most where refresh tokens rotate. */
    sessionLifetime: read('GATEPASS_SESSION_LIFETIME'),
    /** Of access tokens; refresh tokens are always HS256 under the secret. */
    signingAlgorithm: read('GATEPASS_SIGNING_ALG'),
    /** Milliseconds an asymmetric key signs. */
    keyRotation: read('GATEPASS_KEY_ROTATION'),
    /** 32 bytes in hex or base64url that seal stored keys; empty = they are stored in clear. */
    masterKey: read('GATEPASS_MASTER_KEY'),
    previousMasterKey: read('GATEPASS_MASTER_KEY_PREVIOUS'),
    issuer: read('GATEPASS_ISSUER'),
    audience: read('GATEPASS_AUDIENCE'),
    workers: read('GATEPASS_WORKERS'),
    rateLimits: read('GATEPASS_RATE_LIMITS'),
    /** Whose `X-Forwarded-For` is believed; addresses and networks. */
    trustedProxies: read('GATEPASS_TRUSTED_PROXIES'),
    registration: read('GATEPASS_REGISTRATION'),
    passwordMinLength: read('GATEPASS_PASSWORD_MIN_LENGTH'),
    passwordHash: read('GATEPASS_PASSWORD_HASH'),
    acceptSessionlessTokens: read('GATEPASS_ACCEPT_SESSIONLESS_TOKENS'),
    corsOrigins: read('GATEPASS_CORS_ORIGINS'),
    /** Milliseconds audit events are kept. */
    auditRetention: read('GATEPASS_AUDIT_RETENTION'),
    /** Port 0 is any free one; `off` = no listener, and nothing is counted. */
    metricsPort: read('GATEPASS_METRICS_PORT'),
    metricsHost: read('GATEPASS_METRICS_HOST'),
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
  if (config.keyRotation !== 'off' && config.keyRotation < config.accessTokenLifetime) {
    faults.push('GATEPASS_KEY_ROTATION must not be shorter than GATEPASS_ACCESS_TOKEN_LIFETIME');
  }
  if (config.masterKey !== '' && config.masterKey === config.secret) {
    faults.push('GATEPASS_MASTER_KEY must not be the same as GATEPASS_SECRET');
  }
  if (faults.length > 0) throw new ConfigError(faults);
  return config;
}

export type Config = ReturnType<typeof readConfig>;

/** Variables that look like ours and are not read: a typing error, or a later version's. */
export function unknownSettings(env: Environment): string[] {
  return Object.keys(env).filter((name) => name.startsWith('GATEPASS_') && !(name in settings));
}
