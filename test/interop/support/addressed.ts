/** A Gatepass as docs/tokens.md starts it, and every token that its readers have to refuse. */
import { createHmac, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import type { TestContext } from 'node:test';
import { startService } from '../../support/service.ts';
import { freePort } from './programs.ts';

const account = { email: 'ada@example.com', password: 'correct horse 9 battery' };
const SECRET = '9f8c1d2be4a7053c6d1fe28b90a4c7d35e1f60b2c8a9d4e7f3b516a02c7d8e94';

type Claims = Record<string, unknown>;
export type Addressed = Awaited<ReturnType<typeof startAddressed>>;

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
const hmac = (input: string, key: string) =>
  createHmac('sha256', key).update(input).digest('base64url');

export async function startAddressed(t: TestContext, alg: 'ES256' | 'HS256') {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const variables = {
    GATEPASS_SECRET: SECRET,
    GATEPASS_SIGNING_ALG: alg,
    GATEPASS_KEY_ROTATION: 'off',
    GATEPASS_ISSUER: url,
    GATEPASS_AUDIENCE: 'orders',
  };
  const { database, stop } = await startService(variables, undefined, port);
  t.after(stop);
  const call = async (path: string, body: object) => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(url + path, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    return (await response.json()) as { access: string; refresh: string };
  };
  await call('/api/users', account);
  const { access, refresh } = await call('/api/token', account);
  const [header = '', payload = '', signature = ''] = access.split('.');
  const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString());
  const claims: Claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
  const row = await database.db
    .selectFrom('signing_keys')
    .select('secret')
    .where('kid', '=', String(kid))
    .executeTakeFirst();
  const der = { key: Buffer.from(row?.secret ?? ''), format: 'der', type: 'pkcs8' } as const;
  const key = row && createPrivateKey(der);

  /** A token that Gatepass would sign if it ever said this. */
  const minted = (changes: Claims) => {
    const input = `${header}.${encode({ ...claims, ...changes })}`;
    return key
      ? `${input}.${sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
      : `${input}.${hmac(input, SECRET)}`;
  };
  const before = Number(claims['iat']) - 600;
  const other = encode({ ...claims, sub: '2', user_id: 2 });
  const bad: Record<string, string> = {
    'a refresh token': refresh,
    'a refresh token of before, with the audience of access tokens': minted({
      token_type: 'refresh',
    }),
    'an expired token': minted({ iat: before, exp: before + 300 }),
    'a token of another issuer': minted({ iss: 'https://elsewhere.example' }),
    'a token for another audience': minted({ aud: 'invoices' }),
    'a token whose claims were changed': `${header}.${other}.${signature}`,
    'a token without a signature': `${encode({ alg: 'none', typ: 'JWT' })}.${payload}.`,
    garbage: 'garbage',
  };
  if (key) {
    const pem = createPublicKey(key).export({ format: 'pem', type: 'spki' }).toString();
    const input = `${encode({ alg: 'HS256', typ: 'JWT', kid })}.${payload}`;
    bad['a token signed with the public key as secret'] = `${input}.${hmac(input, pem)}`;
  }
  // A clock that is behind: libraries that mind `iat` are told to allow five seconds.
  const good = {
    now: access,
    'of a clock that is ahead': minted({ iat: Number(claims['iat']) + 3 }),
  };
  return { url, secret: SECRET, key, good, bad, refresh, database };
}
