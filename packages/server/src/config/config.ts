/**
 * The one reader of the environment: variables in, a frozen Config out, every fault reported at
 * once. Names, defaults and bounds are in settings.ts.
 */

import { adminFaults } from './admin-settings.ts';
import { claimFaults } from './claim-settings.ts';
import { cookieFaults } from './cookie-settings.ts';
import { isInMemory } from './database-url.ts';
import { overlap } from './exposure.ts';
import { mailFaults } from './mail-settings.ts';
import { passkeyFaults } from './passkey-settings.ts';
import { knownNames, type SettingName, settings } from './settings.ts';
import { type Environment, findText } from './source.ts';
import { unknownNames } from './unknown.ts';
import type { Setting } from './values.ts';

export type { Environment };

type ValueIn<Parsed> = Parsed extends { readonly value: infer Value } ? Value : never;
type Value<Name extends SettingName> = ValueIn<ReturnType<(typeof settings)[Name]['parse']>>;

/** The environment is faulty; `faults` has one line per variable, none of which shows a value. */
export class ConfigError extends Error {
  readonly faults: readonly string[];
  /** As `Config.warnings`. */
  readonly warnings: readonly string[];

  constructor(faults: readonly string[], warnings: readonly string[]) {
    super(`The configuration is faulty:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
    this.name = 'ConfigError';
    this.faults = faults;
    this.warnings = warnings;
  }
}

/**
 * Reads and checks the configuration.
 *
 * @param env variables by name, such as `process.env`
 * @throws {ConfigError} with every fault at once
 * @example const config = readConfig({ GATEPASS_PORT: '9000' });
 */
export function readConfig(env: Environment) {
  const faults: string[] = [];
  const warnings = unknownNames(env, knownNames);
  const read = <Name extends SettingName>(name: Name): Value<Name> => {
    const setting: Setting<unknown> = settings[name];
    const found = findText(env, { name, ...setting });
    if ('fault' in found) {
      faults.push(found.fault);
      return UNREAD as Value<Name>;
    }
    if (found.warning) warnings.push(found.warning);
    const parsed = setting.parse(found.text ?? setting.fallback);
    if ('value' in parsed) return parsed.value as Value<Name>;
    const { fault } = parsed;
    faults.push(`${found.source} ${fault ?? `must be ${setting.expects}`}`);
    return UNREAD as Value<Name>;
  };
  const config = Object.freeze({
    host: read('GATEPASS_HOST'),
    port: read('GATEPASS_PORT'),
    databaseUrl: read('GATEPASS_DATABASE_URL'),
    /** The same database without a pooler in between; empty = the one above. */
    databaseDirectUrl: read('GATEPASS_DATABASE_DIRECT_URL'),
    /** Connections at most of each process to PostgreSQL; one more listens, two send mail. */
    databasePoolSize: read('GATEPASS_DATABASE_POOL_SIZE'),
    /** The HS256 secret as UTF-8 text; empty = generate one and keep it in the database. */
    secret: read('GATEPASS_SECRET'),
    /** Lifetimes in milliseconds. */
    accessTokenLifetime: read('GATEPASS_ACCESS_TOKEN_LIFETIME'),
    refreshTokenLifetime: read('GATEPASS_REFRESH_TOKEN_LIFETIME'),
    rotateRefreshTokens: read('GATEPASS_ROTATE_REFRESH_TOKENS'),
    /** Milliseconds a session lives at most where refresh tokens rotate. */
    sessionLifetime: read('GATEPASS_SESSION_LIFETIME'),
    /** Open sessions of an account; one more login ends the one unused for longest. */
    maxSessions: read('GATEPASS_MAX_SESSIONS'),
    /** Of access tokens; refresh tokens are always HS256 under the secret. */
    signingAlgorithm: read('GATEPASS_SIGNING_ALG'),
    /** Milliseconds an asymmetric key signs. */
    keyRotation: read('GATEPASS_KEY_ROTATION'),
    /** 32 bytes in hex or base64url that seal stored keys; empty = they are stored in clear. */
    masterKey: read('GATEPASS_MASTER_KEY'),
    previousMasterKey: read('GATEPASS_MASTER_KEY_PREVIOUS'),
    issuer: read('GATEPASS_ISSUER'),
    audience: read('GATEPASS_AUDIENCE'),
    /** Milliseconds that the clock of another issuer may be ahead. */
    leeway: read('GATEPASS_LEEWAY'),
    /** Schemes accepted in `Authorization`; a 401 names the first. */
    authHeaderTypes: read('GATEPASS_AUTH_HEADER_TYPES'),
    /** By what an account may be named at a login. */
    loginFields: read('GATEPASS_LOGIN_FIELDS'),
    /** The kind of public id of new accounts. */
    userIds: read('GATEPASS_USER_IDS'),
    /** SimpleJWT's USER_ID_CLAIM. */
    userIdClaim: read('GATEPASS_USER_ID_CLAIM'),
    /** Whether a login's response names the user. */
    tokenResponseUser: read('GATEPASS_TOKEN_RESPONSE_USER'),
    forwardClaims: read('GATEPASS_FORWARD_CLAIMS'),
    workers: read('GATEPASS_WORKERS'),
    rateLimits: read('GATEPASS_RATE_LIMITS'),
    limits: read('GATEPASS_LIMITS'),
    /** Whose `X-Forwarded-For` is believed; addresses and networks. */
    trustedProxies: read('GATEPASS_TRUSTED_PROXIES'),
    docs: read('GATEPASS_DOCS'),
    registration: read('GATEPASS_REGISTRATION'),
    passwordMinLength: read('GATEPASS_PASSWORD_MIN_LENGTH'),
    /** In lower case; besides the product's and the issuer's name. */
    passwordWords: read('GATEPASS_PASSWORD_WORDS'),
    passwordHash: read('GATEPASS_PASSWORD_HASH'),
    acceptSessionlessTokens: read('GATEPASS_ACCEPT_SESSIONLESS_TOKENS'),
    corsOrigins: read('GATEPASS_CORS_ORIGINS'),
    /** Pages besides those of the public URL that may use the session's cookie. */
    cookieOrigins: read('GATEPASS_COOKIE_ORIGINS'),
    /** Whether forward authentication accepts the session's cookie. */
    forwardCookie: read('GATEPASS_FORWARD_COOKIE'),
    /** The address that users see, without a trailing slash. */
    publicUrl: read('GATEPASS_PUBLIC_URL'),
    smtpUrl: read('GATEPASS_SMTP_URL'),
    mailFrom: read('GATEPASS_MAIL_FROM'),
    /** With `{uid}` and `{token}`; empty = our own pages. */
    resetUrl: read('GATEPASS_RESET_URL'),
    activationUrl: read('GATEPASS_ACTIVATION_URL'),
    emailChangeUrl: read('GATEPASS_EMAIL_CHANGE_URL'),
    emailUndoUrl: read('GATEPASS_EMAIL_UNDO_URL'),
    emailVerification: read('GATEPASS_EMAIL_VERIFICATION'),
    mailNotices: read('GATEPASS_MAIL_NOTICES'),
    /** Whether accounts may have second factors. */
    mfa: read('GATEPASS_MFA'),
    /** Milliseconds that an account may be without one where they are required. */
    mfaGrace: read('GATEPASS_MFA_GRACE'),
    /** Of passkeys, with all hosts below it; empty = the host of the public URL. */
    passkeyDomain: read('GATEPASS_PASSKEY_DOMAIN'),
    /** Pages besides those of the public URL and of cookies that may ask for passkeys. */
    passkeyOrigins: read('GATEPASS_PASSKEY_ORIGINS'),
    /** Milliseconds audit events are kept. */
    auditRetention: read('GATEPASS_AUDIT_RETENTION'),
    /** Of the admin listener: 0 is any free one, `next` the one after `port`. */
    adminPort: read('GATEPASS_ADMIN_PORT'),
    adminHost: read('GATEPASS_ADMIN_HOST'),
    /** The address that administrators open; empty = that of the listener. */
    adminUrl: read('GATEPASS_ADMIN_URL'),
    /** Whose requests it takes; empty = everyone's. */
    adminNetworks: read('GATEPASS_ADMIN_NETWORKS'),
    /** Whether administrators must have one, whatever `mfa` says of others. */
    adminSecondFactor: read('GATEPASS_ADMIN_SECOND_FACTOR'),
    /** Port 0 is any free one; `off` = no listener, and nothing is counted. */
    metricsPort: read('GATEPASS_METRICS_PORT'),
    metricsHost: read('GATEPASS_METRICS_HOST'),
    logLevel: read('GATEPASS_LOG_LEVEL'),
    logFormat: read('GATEPASS_LOG_FORMAT'),
    /** Warnings that do not prevent a start; one sentence each. */
    warnings,
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
  if (config.masterKey && config.masterKey === config.secret) {
    faults.push('GATEPASS_MASTER_KEY must not be the same as GATEPASS_SECRET');
  }
  const isPostgres = (url: string) => !/^sqlite:/i.test(url);
  if (config.databaseDirectUrl && config.databaseUrl && !isPostgres(config.databaseUrl)) {
    faults.push('GATEPASS_DATABASE_DIRECT_URL is for PostgreSQL; GATEPASS_DATABASE_URL is SQLite');
  }
  const { port, metricsPort } = config;
  if (port && port === metricsPort && overlap(config.host, config.metricsHost)) {
    faults.push('GATEPASS_METRICS_PORT must not be the same as GATEPASS_PORT');
  }
  if (isInMemory(config.databaseUrl) && config.workers !== 1) {
    faults.push('GATEPASS_WORKERS must be 1 with a database in memory, which workers cannot share');
  }
  if (faults.length === 0)
    faults.push(
      ...adminFaults(config),
      ...mailFaults(config),
      ...claimFaults(config),
      ...cookieFaults(config),
      ...passkeyFaults(config),
    );
  if (faults.length > 0) throw new ConfigError(faults, warnings);
  return config;
}

export type Config = ReturnType<typeof readConfig>;

// Never seen: where one variable is faulty, there is no Config.
const UNREAD: unknown = undefined;
