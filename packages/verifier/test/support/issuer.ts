/** An issuer of tokens: a JWKS, a revocation feed and its stream, and knobs to break them. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { TestContext } from 'node:test';
import { mintWith } from '../mint.ts';

export type Alg = 'EdDSA' | 'ES256' | 'RS256';
export type SigningKey = {
  readonly kid: string;
  readonly alg: Alg;
  readonly key: KeyObject;
  readonly jwk: object;
};

const generate = {
  EdDSA: () => generateKeyPairSync('ed25519'),
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
};

export function newKey(kid: string, alg: Alg = 'EdDSA'): SigningKey {
  const { privateKey, publicKey } = generate[alg]();
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' };
  return { kid, alg, key: privateKey, jwk };
}

export const epoch = () => Math.floor(Date.now() / 1000);

export const goodClaims = (claims: object = {}) => ({
  token_type: 'access',
  exp: epoch() + 300,
  iat: epoch(),
  jti: '0123456789abcdef0123456789abcdef',
  user_id: 7,
  sub: '7',
  sid: 'session-of-user-7',
  ...claims,
});

/** A token of this key, good unless `claims` spoils it. */
export const mint = ({ kid, alg, key }: SigningKey, claims: object = {}): string =>
  mintWith(key, alg === 'EdDSA' ? null : 'sha256', { alg, typ: 'JWT', kid }, goodClaims(claims));

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;
export type Issuer = Awaited<ReturnType<typeof startIssuer>>;

export async function startIssuer(t: TestContext, keys: readonly SigningKey[] = []) {
  const json = (response: ServerResponse, body: unknown, headers: object = {}) =>
    response
      .writeHead(200, { 'content-type': 'application/json', ...headers })
      .end(JSON.stringify(body));
  const streams = new Set<ServerResponse>();
  const revocations: { seq: number }[] = [];
  const issuer = {
    url: '',
    jwksUrl: '',
    revocationsUrl: '',
    keys: [...keys],
    /** Requests by path. */
    counts: { jwks: 0, feed: 0, stream: 0 },
    jwks: ((_, response) =>
      json(
        response,
        { keys: issuer.keys.map(({ jwk }) => jwk) },
        { 'cache-control': 'max-age=600' },
      )) as Handler,
    feed: ((request, response) => {
      const after = Number(new URL(request.url ?? '', issuer.url).searchParams.get('after'));
      const newest = revocations.at(-1)?.seq ?? 0;
      const page =
        after > newest ? [] : revocations.filter(({ seq }) => seq > after).slice(0, 1000);
      json(response, { revocations: page, next: page.length === 1000 ? page.at(-1)?.seq : newest });
    }) as Handler,
    stream: ((request, response) => {
      const after = Number(new URL(request.url ?? '', issuer.url).searchParams.get('after'));
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': revocations\n\n');
      for (const each of revocations.filter(({ seq }) => seq > after)) push(response, each);
      streams.add(response);
      response.on('close', () => streams.delete(response));
    }) as Handler,
    streams,
    revoke(entry: object): void {
      const revocation = { seq: revocations.length + 1, expires_at: epoch() + 86_460, ...entry };
      revocations.push(revocation);
      for (const stream of streams) push(stream, revocation);
    },
    forgetAll: () => void revocations.splice(0),
    stop: () => stop(server),
  };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://x');
    const name =
      pathname === '/jwks.json' ? 'jwks' : pathname === '/api/revocations' ? 'feed' : 'stream';
    issuer.counts[name] += 1;
    issuer[name](request, response);
  });
  await listen(server, 0);
  t.after(issuer.stop);
  const address = server.address();
  issuer.url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  issuer.jwksUrl = `${issuer.url}/jwks.json`;
  issuer.revocationsUrl = `${issuer.url}/api/revocations`;
  return issuer;
}

function push(stream: ServerResponse, revocation: { seq: number }): void {
  stream.write(`id: ${revocation.seq}\ndata: ${JSON.stringify(revocation)}\n\n`);
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
}

async function stop(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

/** Resolves when `condition` holds; rejects when it never does. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`in vain: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** What became of a token: its user, or why it was refused. */
export const verdict = (promise: Promise<{ readonly [name: string]: unknown }>): Promise<unknown> =>
  promise.then(
    (claims) => claims['user_id'],
    (error: unknown) => {
      if (error instanceof Error && 'reason' in error) return error.reason;
      throw error;
    },
  );
