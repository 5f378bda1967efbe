/** Turns a recorded request into the bytes that go to our service. */
import type { GoldenCase, RecordedRequest } from './sample.ts';
import {
  buildToken,
  insert,
  insertInSignature,
  issued,
  resigned,
  type TokenContext,
  type TokenType,
} from './tokens.ts';
import type { Exchange } from './wire.ts';

export function requestOf({ name, request }: GoldenCase, context: TokenContext, port: number) {
  const type: TokenType = request.path.startsWith('/api/token/refresh') ? 'refresh' : 'access';
  const fill = (text: string) =>
    text.replace(/\{\{(tok:\d+)\}\}/g, (_, key: string) => {
      const template = request.tokens?.[key];
      if (!template) throw new Error(`${name} does not describe ${key}`);
      return buildToken(template, type, context);
    });
  const recordedLiterally = LITERAL_TOKENS[name];
  const exchange: Exchange = {
    port,
    method: request.method,
    path: request.path,
    headers: request.headers.map(([header, value]) => [
      header,
      Buffer.from(fill(value), LATIN1_HEADERS.has(name) ? 'latin1' : 'utf8'),
    ]),
    body: recordedLiterally
      ? Buffer.from(recordedLiterally(issued('alice', type, context)))
      : bodyOf(request, fill),
    chunked: request.transfer === 'chunked',
  };
  return exchange;
}

function bodyOf(request: RecordedRequest, fill: (text: string) => string): Buffer | undefined {
  const { body, body_b64: base64, body_gen: generator } = request;
  if (body !== undefined) return Buffer.from(fill(body));
  if (base64 !== undefined) return Buffer.from(base64, 'base64');
  if (generator === undefined) return undefined;
  const depth = Number(/^\{"email": (\d+) nested arrays\}$/.exec(generator)?.[1]);
  return Buffer.from(`{"email":${'['.repeat(depth)}${']'.repeat(depth)}}`);
}

const LATIN1_HEADERS = new Set(['me/auth-latin1', 'me/auth-nbsp-sep']);

/** Bodies in which the recorder did not recognise its token, which has expired since. */
const LITERAL_TOKENS: Record<string, (token: string) => string | Buffer> = {
  'verify/nul-byte': (token) => JSON.stringify({ token: insert(token, '\0') }),
  'verify/tok-newline-in-sig': (token) => JSON.stringify({ token: insertInSignature(token, '\n') }),
  'verify/body-utf16-bytes-no-charset': (token) => utf16(`\ufeff${JSON.stringify({ token })}`),
  'refresh/tok-newline-in-payload-resigned': (token) =>
    JSON.stringify({ refresh: resigned(token, (payload) => insert(payload, '\n')) }),
  'refresh/charset-utf-16': (refresh) => utf16(`\ufeff${JSON.stringify({ refresh })}`),
  'refresh/charset-utf-16le': (refresh) => utf16(JSON.stringify({ refresh })),
};

const utf16 = (text: string) => Buffer.from(text, 'utf16le');
