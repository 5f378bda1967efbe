/** Why a token is not valid: SimpleJWT's message for each reason, and its meaning. */
import type { TokenReason } from '../errors.ts';
import type { Sentence } from '../language.ts';

const INVALID: Sentence = {
  en: 'Token is invalid or expired',
  ru: 'Токен недействителен или просрочен',
};
const BLACKLISTED: Sentence = {
  en: 'Token is blacklisted',
  ru: 'Токен занесен в черный список',
};

type Reason = Sentence & { readonly meaning: string };

export const REASONS: Readonly<Record<TokenReason, Reason>> = {
  malformed: {
    ...INVALID,
    meaning: 'not a strictly encoded JWS with well-typed claims; `crit` or `b64` in the header',
  },
  too_long: { ...INVALID, meaning: 'more than 8192 characters' },
  unsupported_algorithm: {
    ...INVALID,
    meaning:
      '`alg` is not that of the key, or the key does not (or no longer) sign tokens of this type',
  },
  unknown_key: { ...INVALID, meaning: 'no key has the `kid` of the header, or the key is retired' },
  bad_signature: { ...INVALID, meaning: 'not signed with a key of this service, or changed since' },
  expired: { ...INVALID, meaning: '`exp` has passed' },
  not_yet_valid: { ...INVALID, meaning: '`iat` or `nbf` is more than 5 seconds ahead' },
  wrong_type: {
    en: 'Token has wrong type',
    ru: 'Токен имеет неправильный тип',
    meaning:
      'a refresh token at a Bearer route, an access token at refresh, another type at verify',
  },
  missing_exp: {
    en: "Token has no 'exp' claim",
    ru: "Токен не содержит 'exp'",
    meaning: 'no `exp`',
  },
  missing_jti: { en: 'Token has no id', ru: 'У токена нет идентификатора', meaning: 'no `jti`' },
  missing_type: {
    en: 'Token has no type',
    ru: 'Токен не имеет типа',
    meaning: 'no `token_type`, at refresh or a Bearer route',
  },
  wrong_issuer: { ...INVALID, meaning: '`iss` is not `GATEPASS_ISSUER`' },
  wrong_audience: {
    ...INVALID,
    meaning:
      '`aud` is not and does not contain `GATEPASS_AUDIENCE`, with `#refresh` in refresh tokens',
  },
  missing_user: {
    en: 'Token contained no recognizable user identification',
    ru: 'Токен не содержит идентификатор пользователя',
    meaning: 'no `user_id` (`GATEPASS_USER_ID_CLAIM`)',
  },
  no_session: {
    ...INVALID,
    meaning: 'no `sid`, and `GATEPASS_ACCEPT_SESSIONLESS_TOKENS` is `false`',
  },
  revoked: {
    ...BLACKLISTED,
    meaning:
      'the session has ended; a token without session is from before a change of password or second factors or an end of all sessions, or its account has a second factor; any token is from before a restored backup; at verify also: a refresh token spent long ago',
  },
  stale_claims: {
    ...INVALID,
    meaning:
      "an access token from before a change of the account's [claims](tokens.md#claims); the session continues: refresh",
  },
  reused: {
    ...BLACKLISTED,
    meaning:
      'a refresh token spent two rotations ago, or the third repeat in a row from another client; the session has ended with this response ([rotation](sessions.md#rotation))',
  },
  user_inactive: {
    ...INVALID,
    meaning: 'the account is disabled (refresh, and a refresh token at verify)',
  },
  user_not_found: {
    ...INVALID,
    meaning:
      'the account of a token without session does not exist (refresh, and a refresh token at verify)',
  },
};
