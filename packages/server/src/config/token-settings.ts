/** Settings of tokens and keys. */
import { masterKeyFault, secretFault } from './secret-strength.ts';
import {
  boolean,
  duration,
  either,
  integer,
  oneOf,
  optionalSecret,
  optionalText,
  type Setting,
  schemes,
} from './values.ts';

const masterKey = optionalSecret(masterKeyFault);

export const tokenSettings = {
  GATEPASS_SECRET: {
    fallback: '',
    expects: 'at least 32 random bytes, for example from: openssl rand -hex 32',
    parse: optionalSecret(secretFault),
    isReadFromFile: true,
  } satisfies Setting<string>,
  GATEPASS_ACCESS_TOKEN_LIFETIME: {
    fallback: '5m',
    expects: 'a duration from 1s to 1d, such as 90s, 5m or 1h',
    parse: duration('1s', '1d'),
  } satisfies Setting<number>,
  GATEPASS_REFRESH_TOKEN_LIFETIME: {
    fallback: '24h',
    expects: 'a duration from 1s to 365d, such as 12h, 24h or 14d',
    parse: duration('1s', '365d'),
  } satisfies Setting<number>,
  GATEPASS_ROTATE_REFRESH_TOKENS: {
    fallback: 'false',
    expects: 'true or false',
    parse: boolean,
  } satisfies Setting<boolean>,
  GATEPASS_SESSION_LIFETIME: {
    fallback: '30d',
    expects: 'a duration from 1m to 3650d, such as 12h or 30d',
    parse: duration('1m', '3650d'),
  } satisfies Setting<number>,
  GATEPASS_MAX_SESSIONS: {
    fallback: '100',
    expects: 'a number of open sessions per account from 1 to 10000',
    parse: integer(1, 10_000),
  } satisfies Setting<number>,
  GATEPASS_SIGNING_ALG: {
    fallback: 'HS256',
    expects: 'HS256, EdDSA, ES256 or RS256',
    parse: oneOf('HS256', 'EdDSA', 'ES256', 'RS256'),
  } satisfies Setting<'HS256' | 'EdDSA' | 'ES256' | 'RS256'>,
  GATEPASS_KEY_ROTATION: {
    fallback: '30d',
    expects: 'off or a duration from 1m to 3650d, such as 7d or 30d',
    parse: either('off', 'off', duration('1m', '3650d')),
  } satisfies Setting<number | 'off'>,
  GATEPASS_MASTER_KEY: {
    fallback: '',
    expects: '32 random bytes in hex or base64url, for example from: openssl rand -hex 32',
    parse: masterKey,
    isReadFromFile: true,
  } satisfies Setting<string>,
  GATEPASS_MASTER_KEY_PREVIOUS: {
    fallback: '',
    expects: '32 random bytes in hex or base64url: the master key before GATEPASS_MASTER_KEY',
    parse: masterKey,
    isReadFromFile: true,
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
  GATEPASS_LEEWAY: {
    fallback: '5s',
    expects: 'a duration from 0s to 5m, such as 5s or 1m',
    parse: duration('0s', '5m'),
  } satisfies Setting<number>,
  GATEPASS_AUTH_HEADER_TYPES: {
    fallback: 'Bearer',
    expects: 'one to ten words separated by commas, such as Bearer or Bearer,JWT',
    parse: schemes,
  } satisfies Setting<readonly string[]>,
} as const;
