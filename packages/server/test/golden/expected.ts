/** Our responses where they differ from SimpleJWT's, for `differences.ts`. */
import type { Answer, GoldenCase } from './sample.ts';

/** What we answer to a case; the headers follow from it. */
export type Expected = {
  readonly status: number;
  readonly body: unknown;
  /** Refused before a route was found: there is no `Allow`. */
  readonly unrouted?: true;
  /** Where it is not the recorded one. */
  readonly allow?: string;
};

/** The one route whose `Allow` is wider than the recorded one. */
const ME = '/api/users/me';
const ALLOW_OF_ME = { recorded: 'GET, HEAD, OPTIONS', ours: 'GET, DELETE, HEAD, OPTIONS' };

export const isAnsweredByMe = ({ response }: GoldenCase): boolean =>
  response.headers['allow'] === ALLOW_OF_ME.recorded;

/** The recorded answer, with our `Allow` where the route is /api/users/me, however spelt. */
export function recordedAnswer(golden: GoldenCase): Answer {
  const { response } = golden;
  if (!isAnsweredByMe(golden)) return response;
  return { ...response, headers: { ...response.headers, allow: ALLOW_OF_ME.ours } };
}

export type Ours = (golden: GoldenCase) => Expected;

/** The whole answer, `reason` included. */
export function answerOf(golden: GoldenCase, { status, body, unrouted, allow }: Expected): Answer {
  const isMe = golden.request.path.startsWith(ME);
  return {
    status,
    headers: {
      'content-type': 'application/json',
      ...(status === 401 && { 'www-authenticate': 'Bearer realm="api"' }),
      ...(!unrouted && { allow: allow ?? (isMe ? ALLOW_OF_ME.ours : 'POST, OPTIONS') }),
    },
    norm: body,
  };
}

export const always =
  (status: number, body: unknown): Ours =>
  () => ({ status, body });

export const unrouted =
  (status: number, detail: string): Ours =>
  () => ({ status, body: { detail }, unrouted: true });

/** One answer per case name. */
export const byName =
  (answers: Readonly<Record<string, Expected>>): Ours =>
  ({ name }) => {
    const answer = answers[name];
    if (!answer) throw new Error(`The table of differences has no answer to ${name}`);
    return answer;
  };

/** The token is refused, in the words of the Bearer guard or of verify and refresh. */
export const tokenRefused =
  (reason: string, message = 'Token is invalid or expired'): Ours =>
  ({ request }) => ({
    status: 401,
    body: request.path.startsWith(ME)
      ? {
          detail: 'Given token not valid for any token type',
          code: 'token_not_valid',
          messages: [{ token_class: 'AccessToken', token_type: 'access', message }],
          reason,
        }
      : { detail: message, code: 'token_not_valid', reason },
  });

export const unsupportedMediaType: Ours = ({ request }) => {
  const [, mediaType] = request.headers.find(([name]) => name === 'Content-Type') ?? [];
  return { status: 415, body: { detail: `Unsupported media type "${mediaType}" in request.` } };
};

export const fieldRefused = (field: string, fault: string): Expected => ({
  status: 400,
  body: { [field]: [fault] },
});

export const REQUIRED = 'This field is required.';
export const NOT_A_STRING = 'Not a valid string.';
