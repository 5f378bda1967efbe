/** The one place that turns a refusal of the domain into a status, headers and a body. */
import type { Refused, Throttled, TokenReason } from '../../errors.ts';
import { type Language, type MessageKey, say } from './messages.ts';

export type RefusalResponse = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: object;
};

const TOKEN_MESSAGES: Partial<Record<TokenReason, MessageKey>> = {
  wrong_type: 'token_wrong_type',
  missing_type: 'token_no_type',
  missing_jti: 'token_no_id',
  missing_exp: 'token_no_exp',
  missing_user: 'token_no_user',
  revoked: 'token_blacklisted',
  reused: 'token_blacklisted',
};

/**
 * The response to a refused request, in the shapes of Django REST Framework and SimpleJWT.
 *
 * @param scheme how a client that gets a 401 is asked to authenticate
 */
export function responseTo(
  refused: Refused,
  language: Language,
  scheme = 'Bearer',
): RefusalResponse {
  const detail = (key: MessageKey, params = {}) => ({ detail: say(language, key, params) });
  const challenge = { 'www-authenticate': `${scheme} realm="api"` };
  const unauthorized = (body: object) => ({ status: 401, headers: challenge, body });
  const tokenMessage = (reason: TokenReason) => TOKEN_MESSAGES[reason] ?? 'token_invalid';

  switch (refused.code) {
    case 'invalid_fields':
      return {
        status: 400,
        body: Object.fromEntries(
          Object.entries(refused.fields).map(([field, faults]) => [
            field,
            faults.map((fault) => say(language, fault.code, fault.params)),
          ]),
        ),
      };
    case 'not_an_object':
    case 'no_data':
      return { status: 400, body: { non_field_errors: [say(language, refused.code, refused)] } };
    case 'parse_error':
    case 'multipart_parse_error':
    case 'bad_request':
      return { status: 400, body: detail(refused.code, refused) };
    case 'no_active_account':
    case 'not_authenticated':
      return unauthorized(detail(refused.code));
    case 'bad_authorization_header':
    case 'user_not_found':
    case 'user_inactive':
      return unauthorized({ ...detail(refused.code), code: refused.code });
    case 'token_not_valid':
      return unauthorized({
        ...detail(tokenMessage(refused.reason)),
        code: 'token_not_valid',
        reason: refused.reason,
      });
    case 'bearer_token_not_valid':
      return unauthorized({
        ...detail('token_no_class'),
        code: 'token_not_valid',
        messages: [
          {
            token_class: 'AccessToken',
            token_type: 'access',
            message: say(language, tokenMessage(refused.reason)),
          },
        ],
        reason: refused.reason,
      });
    case 'registration_closed':
    case 'reauthentication_required':
    case 'cross_site_request':
      return { status: 403, body: { ...detail(refused.code), code: refused.code } };
    case 'email_not_verified':
      return unauthorized({ ...detail(refused.code), code: refused.code });
    case 'no_mail':
    case 'no_issuer':
      return { status: 404, body: { ...detail(refused.code), code: refused.code } };
    case 'not_found':
      return { status: 404, body: detail(refused.code) };
    case 'method_not_allowed':
      return { status: 405, body: detail(refused.code, refused) };
    case 'not_acceptable':
      return { status: 406, body: detail(refused.code) };
    case 'request_timeout':
      return { status: 408, body: detail(refused.code) };
    case 'body_too_large':
      return { status: 413, body: detail(refused.code, refused) };
    case 'unsupported_media_type':
      return { status: 415, body: detail(refused.code, refused) };
    case 'headers_too_large':
      return { status: 431, body: detail(refused.code) };
    case 'throttled':
      return throttled(refused, language);
    case 'unavailable':
      return {
        status: 503,
        headers: { 'retry-after': String(refused.retryAfterSeconds) },
        body: { ...detail(refused.code), code: refused.code },
      };
  }
}

/** With the fields of draft-ietf-httpapi-ratelimit-headers-10: the limit that was met, and nothing left. */
function throttled(refused: Throttled, language: Language): RefusalResponse {
  const { limit, quota, windowSeconds, retryAfterSeconds: seconds } = refused;
  const sentence = seconds === 1 ? 'throttled_one' : 'throttled';
  return {
    status: 429,
    headers: {
      'retry-after': String(seconds),
      'ratelimit-policy': `"${limit}";q=${quota}${windowSeconds ? `;w=${windowSeconds}` : ''}`,
      ratelimit: `"${limit}";r=0;t=${seconds}`,
    },
    body: { detail: say(language, sentence, { seconds }), code: refused.code },
  };
}
