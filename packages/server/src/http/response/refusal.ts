/** A refusal as a response, in the shapes of Django REST Framework and SimpleJWT. */
import type { Refusal, Wait } from '../../errors.ts';
import { type Language, type Sentence, say } from '../../language.ts';

type RefusalResponse = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object;
};

/** @param scheme how a client that gets a 401 is asked to authenticate */
export function responseTo(
  refusal: Refusal,
  language: Language,
  scheme = 'Bearer',
): RefusalResponse {
  const { kind, details } = refusal;
  const headers = {
    ...(kind.status === 401 && { 'www-authenticate': `${scheme} realm="api"` }),
    ...(details.wait && waitHeaders(details.wait)),
  };
  return { status: kind.status, headers, body: bodyOf(refusal, language) };
}

function bodyOf({ kind, details }: Refusal, language: Language): object {
  const { reason, fields = {}, values } = details;
  const detail = say(kind, language, values);
  const because: Sentence = reason ?? kind;
  switch (kind.body) {
    case 'fields':
      return Object.fromEntries(
        Object.entries(fields).map(([field, faults]) => [
          field,
          faults.map((fault) => say(fault, language, fault.values)),
        ]),
      );
    case 'non_field_errors':
      return { non_field_errors: [detail] };
    case 'token':
      return { detail: because[language], code: kind.code, reason: reason?.code };
    case 'bearer_token':
      return {
        detail,
        code: 'token_not_valid',
        messages: [
          { token_class: 'AccessToken', token_type: 'access', message: because[language] },
        ],
        reason: reason?.code,
      };
    case 'with_code':
      return { detail, code: kind.code, ...details.fieldsBeside };
    default:
      return { detail };
  }
}

/** The fields of draft-ietf-httpapi-ratelimit-headers-10: the limit that was met, and nothing left. */
function waitHeaders({ seconds, limit }: Wait): Record<string, string> {
  const retry = { 'retry-after': String(seconds) };
  if (!limit) return retry;
  const { name, quota, windowSeconds } = limit;
  return {
    ...retry,
    'ratelimit-policy': `"${name}";q=${quota}${windowSeconds ? `;w=${windowSeconds}` : ''}`,
    ratelimit: `"${name}";r=0;t=${seconds}`,
  };
}
