/** A scripted service, for responses that a real one gives rarely. */
import type { Fetch } from '../../src/calls.ts';
import { type ClientOptions, createClient } from '../../src/index.ts';

export type Reply = {
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
};

/** What is said to a request: an answer, an error to throw, or one or the other later. */
export type Script = (call: string, request: Request) => Reply | Error | Promise<Reply | Error>;

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');

/** A token with a lifetime in seconds; its signature is not checked here. */
export const token = (lifetime: number, serial: number | string = 0, sid = 'session') =>
  `${encode({ alg: 'HS256' })}.${encode({ iat: 1000, exp: 1000 + lifetime, sid, serial })}.AAAA`;

export const PAIR = { body: { access: token(300), refresh: 'R0' } };
export const REFUSED = {
  status: 401,
  body: { detail: 'Token is blacklisted', code: 'token_not_valid', reason: 'revoked' },
};
export const NO_ANSWER = new TypeError('fetch failed');

/** A client of a scripted service, with a clock to turn. */
export function createFake(script: Script, options: Partial<ClientOptions> = {}) {
  const sent: string[] = [];
  const authorizations: (string | null)[] = [];
  let now = 1_000_000;
  const fetch: Fetch = async (input, init) => {
    const request = new Request(input, init);
    const call = `${request.method} ${new URL(request.url).pathname}`;
    sent.push(call);
    authorizations.push(request.headers.get('authorization'));
    const reply = await script(call, request);
    if (reply instanceof Error) throw reply;
    const { status = 200, body, headers = {} } = reply;
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return new Response(status === 204 ? null : text, { status, headers });
  };
  const client = createClient({ url: 'https://id.example', fetch, now: () => now, ...options });
  const changes: string[] = [];
  client.onChange((_isLoggedIn, reason) => changes.push(reason));
  return {
    client,
    sent,
    authorizations,
    changes,
    advance: (milliseconds: number) => {
      now += milliseconds;
    },
  };
}
