/** The refusals of an action for the OpenAPI document; response/refusal.ts writes them. */
import { type ObjectSchema, text } from './schema.ts';

export type Status = 400 | 401 | 403 | 404 | 410 | 413 | 415 | 429 | 500 | 503 | '4XX';

const DETAIL = {
  title: 'Detail',
  type: 'object',
  required: ['detail'],
  properties: { detail: text },
} as const satisfies ObjectSchema;

const REFUSED = {
  title: 'Refused',
  type: 'object',
  required: ['detail'],
  properties: {
    detail: text,
    code: { type: 'string', description: 'See docs/errors.md; absent where SimpleJWT has none' },
  },
} as const satisfies ObjectSchema;

const TOKEN_REFUSED = {
  title: 'TokenRefused',
  type: 'object',
  required: ['detail'],
  properties: {
    ...REFUSED.properties,
    reason: { type: 'string', description: 'Why a token is not valid, for debugging' },
    messages: {
      type: 'array',
      items: {
        title: 'TokenMessage',
        type: 'object',
        required: ['token_class', 'token_type', 'message'],
        properties: { token_class: text, token_type: text, message: text },
      },
    },
  },
} as const satisfies ObjectSchema;

const FAILED = {
  title: 'Failed',
  type: 'object',
  required: ['detail', 'request_id'],
  properties: { detail: text, request_id: text },
} as const satisfies ObjectSchema;

const FIELD_FAULTS = {
  title: 'FieldFaults',
  type: 'object',
  description:
    'Sentences by field; `detail` alone for a body that cannot be read, `non_field_errors` for one that is no object',
  properties: { detail: text },
  additionalProperties: { anyOf: [{ type: 'array', items: text }, text] },
} as const satisfies ObjectSchema;

const header = (description: string, type: 'string' | 'integer' = 'string') => ({
  description,
  schema: { type },
});
const RETRY_AFTER = { 'Retry-After': header('Seconds', 'integer') };

type Response = {
  readonly description: string;
  readonly headers?: Readonly<Record<string, object>>;
  readonly body: ObjectSchema;
};

export const RESPONSES: Readonly<Record<Status, Response>> = {
  400: { description: 'A fault in the request, by field', body: FIELD_FAULTS },
  401: {
    description: 'Not authenticated, or the token or the credentials are not valid',
    headers: { 'WWW-Authenticate': header('RFC 9110 §11.6.1') },
    body: TOKEN_REFUSED,
  },
  403: { description: 'Not allowed here', body: REFUSED },
  404: { description: 'Not found', body: REFUSED },
  410: { description: 'Not kept any more', body: REFUSED },
  413: { description: 'The body is too large', body: DETAIL },
  415: { description: 'The media type of the body is not supported', body: DETAIL },
  429: {
    description: 'Too often; wait as long as Retry-After says',
    headers: {
      ...RETRY_AFTER,
      'RateLimit-Policy': header('The limit that was met'),
      RateLimit: header('What remains of the limit, and until when'),
    },
    body: REFUSED,
  },
  500: { description: 'A bug; the log has the cause under `request_id`', body: FAILED },
  503: {
    description: 'Busy, or without its database; wait as long as Retry-After says',
    headers: RETRY_AFTER,
    body: REFUSED,
  },
  '4XX': { description: 'Any other refusal, such as 405 or 406', body: DETAIL },
};
