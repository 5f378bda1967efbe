/** The responses of an action for the OpenAPI document; response/refusals.ts writes those that refuse. */
import type { Action } from '../action.ts';

const detail = { type: 'object', properties: { detail: { type: 'string' } } } as const;
const token = {
  type: 'object',
  properties: {
    detail: { type: 'string' },
    code: { type: 'string' },
    reason: { type: 'string' },
  },
} as const;
const faults = {
  type: 'object',
  additionalProperties: { type: 'array', items: { type: 'string' } },
} as const;

const REFUSALS = {
  400: { description: 'A fault in the request, by field', ...faults },
  401: {
    description: 'Not authenticated, or the token or the credentials are not valid',
    ...token,
  },
  403: { description: 'Not allowed here', ...detail },
  404: { description: 'Not found', ...detail },
  429: { description: 'Too often; wait as long as Retry-After says', ...token },
} as const;

export function responsesOf<Caller>(action: Action<Caller>, isGuarded: boolean): object {
  const { status = 200, response, body, options, query, refuses = [], streams } = action;
  const statuses: (keyof typeof REFUSALS)[] = [...refuses];
  if (body || options || query) statuses.push(400);
  if (isGuarded) statuses.push(401);
  const done = response ?? (streams ? eventStream(streams) : { type: 'null' });
  return {
    [status]: { description: 'Done', ...done },
    ...Object.fromEntries(statuses.map((refusal) => [refusal, REFUSALS[refusal]])),
  };
}

const eventStream = (mediaType: string) => ({
  content: { [mediaType]: { schema: { type: 'string' } } },
});
