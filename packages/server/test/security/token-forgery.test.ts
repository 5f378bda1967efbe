/** docs/security-cases.md, group TF: forged tokens. */
import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { forge, SECRET, startService } from '../support/service.ts';
import { publishedStrings } from './support/documents.ts';
import { assertTokenRefused, type Claims, startTarget } from './support/refusals.ts';

const base64url = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const splitToken = (token: string) => token.split('.') as [string, string, string];
const withHeader = (header: unknown) => (payload: Claims) => forge({ header, payload });

test('TF01 unsigned tokens are refused, with and without the signature of another header', async (t) => {
  const target = await startTarget(t);
  await target.accepts('control', (payload) => forge({ payload }));
  const header = base64url({ alg: 'none' });
  await target.refuses('no signature', (payload) => `${header}.${base64url(payload)}.`);
  await target.refuses('old signature', (payload) => {
    const [, body, signature] = splitToken(forge({ payload }));
    return `${header}.${body}.${signature}`;
  });
});

test('TF02 only the exact algorithm is accepted, even when signed with our key', async (t) => {
  const target = await startTarget(t);
  const spellings = ['none', 'None', 'NONE', 'nOnE', 'hs256', 'HS256 ', ' HS256', 'HS256\0'];
  for (const alg of [...spellings, 'HS384', 'HS512', 'RS256', 'EdDSA', '', null, ['HS256'], 256])
    await target.refuses(JSON.stringify(alg), withHeader({ alg, typ: 'JWT' }));
  await target.refuses('no alg', withHeader({ typ: 'JWT' }));
});

test('TF03 a token has exactly three parts', async (t) => {
  const target = await startTarget(t);
  const spoiled: Record<string, (parts: [string, string, string]) => string> = {
    'no signature': ([h, p]) => `${h}.${p}.`,
    'two parts': ([h, p]) => `${h}.${p}`,
    'no header': ([, p, s]) => `.${p}.${s}`,
    'no payload': ([h, , s]) => `${h}..${s}`,
    'header alone': ([h]) => h,
    'dots alone': () => '..',
    'four parts': ([h, p, s]) => `${h}.${p}.${s}.${s}`,
    'trailing dot': ([h, p, s]) => `${h}.${p}.${s}.`,
    'leading dot': ([h, p, s]) => `.${h}.${p}.${s}`,
    'signature of another part': ([h, p, s]) => `${p}.${h}.${s}`,
  };
  for (const [name, spoil] of Object.entries(spoiled))
    await target.refuses(name, (payload) => spoil(splitToken(forge({ payload }))));
  const { service } = target;
  for (const answer of [await service.verify(''), await service.refresh('')])
    assert.equal(answer.status, 400);
  assert.equal((await service.me('')).status, 401);
});

test('TF04 TF05 a changed payload or header is refused', async (t) => {
  const target = await startTarget(t);
  const resigned = (header: object, claims: (claims: Claims) => object) => (payload: Claims) => {
    const [, , signature] = splitToken(forge({ payload }));
    return `${base64url(header)}.${base64url(claims(payload))}.${signature}`;
  };
  const same = { alg: 'HS256', typ: 'JWT' };
  await target.accepts(
    'control',
    resigned(same, (claims) => claims),
  );
  await target.refuses(
    'another user',
    resigned(same, (claims) => ({ ...claims, user_id: 2 })),
  );
  await target.refuses(
    'a longer life',
    resigned(same, (claims) => ({ ...claims, exp: claims.exp + 1 })),
  );
  for (const header of [
    { ...same, kid: 'x' },
    { alg: 'HS256' },
    { typ: 'JWT', alg: 'HS256' },
    { ...same, typ: 'at+jwt' },
  ])
    await target.refuses(
      JSON.stringify(header),
      resigned(header, (claims) => claims),
      {
        reason: 'kid' in header ? 'unknown_key' : 'bad_signature',
      },
    );
});

test('TF07 tokens signed with an empty key are refused', async (t) => {
  const target = await startTarget(t);
  for (const header of [{}, { kid: 'unknown' }, { kid: '' }])
    await target.refuses(JSON.stringify(header), (payload) =>
      forge({ header: { alg: 'HS256', typ: 'JWT', ...header }, payload, secret: '' }),
    );
});

test('TF08 tokens signed with guessable secrets or strings of our documents are refused', async (t) => {
  const { service, claims } = await startTarget(t);
  const { dictionary } = await import('@zxcvbn-ts/language-common');
  const secrets = new Set([
    ...['secret', 'changeme', 'your-256-bit-secret', 'gatepass', 'hs256', 'undefined', 'null'],
    ...dictionary['passwords-common'].slice(0, 1000).map(String),
    ...publishedStrings(8),
  ]);
  assert.ok(secrets.size > 1010, 'documents and lists were read');
  assert.ok(!secrets.has(SECRET));
  const payload = claims('access');
  const guesses = [...secrets].map((secret) => ({ secret, token: forge({ payload, secret }) }));
  while (guesses.length > 0) {
    const batch = guesses.splice(0, 50);
    const answers = await Promise.all(batch.map(({ token }) => service.verify(token)));
    for (const [i, answer] of answers.entries())
      assertTokenRefused(batch[i]?.secret ?? '', answer, { reason: 'bad_signature' });
  }
});

const PASSWD = readFileSync('/etc/passwd');
const KIDS: Record<string, [kid: unknown, secret?: string | Buffer][]> = {
  'TF09 a file': [
    ['../../../../dev/null', ''],
    ['/dev/null', ''],
    ['/etc/passwd', PASSWD],
    ['/etc/passwd\0.pem', PASSWD],
  ],
  'TF10 SQL': [["x' UNION SELECT 'AA'--", 'AA'], ['"; DROP TABLE users;--'], ["' OR '1'='1"]],
  'TF11 an odd value': [
    ...['__proto__', 'constructor', 'toString', 'hs256', '', 'k'.repeat(4000)],
    ...[7, [], {}, null, true, ['hs256']],
  ].map((kid) => [kid]),
};
for (const [name, kids] of Object.entries(KIDS)) {
  test(`${name} as kid names no key, whether signed by us or by its content`, async (t) => {
    const target = await startTarget(t);
    const reason = 'unknown_key';
    for (const [kid, secret] of kids) {
      const header = { alg: 'HS256', typ: 'JWT', kid };
      const label = JSON.stringify(kid).slice(0, 40);
      await target.refuses(label, (payload) => forge({ header, payload }), { reason });
      if (secret !== undefined)
        await target.refuses(label, (payload) => forge({ header, payload, secret }), { reason });
    }
  });
}

test('TF12 TF13 a key or an address in the header is not used, and no request is sent', async (t) => {
  const target = await startTarget(t);
  let connections = 0;
  const listener = createServer((socket) => {
    connections++;
    socket.destroy();
  }).listen(0, '127.0.0.1');
  t.after(() => listener.close());
  await once(listener, 'listening');
  const address = listener.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const url = `http://127.0.0.1:${port}/jwks`;
  const secret = 'the secret of the attacker, 32 bytes or more';
  const jwk = { kty: 'oct', k: Buffer.from(secret).toString('base64url'), alg: 'HS256' };
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const der = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  for (const extra of [{ jku: url }, { x5u: url }, { jku: url, kid: 'a' }, { jwk }, { x5c: [der] }])
    await target.refuses(JSON.stringify(extra), (payload) =>
      forge({ header: { alg: 'HS256', typ: 'JWT', ...extra }, payload, secret }),
    );
  await target.accepts('jku beside our own signature is not followed', (payload) =>
    forge({ header: { alg: 'HS256', typ: 'JWT', jku: url, x5u: url }, payload }),
  );
  assert.equal(connections, 0);
});

test('TF24 tokens signed with the key of another installation are refused', async (t) => {
  const fresh = { GATEPASS_SECRET: '' };
  const target = await startTarget(t, fresh);
  const other = await startService(t, fresh);
  await other.register();
  const { body } = await other.login();
  assert.equal((await other.verify(body.access)).status, 200);
  for (const token of [body.access, body.refresh])
    await target.refuses('foreign', () => token, { reason: 'bad_signature' });
  const empty = createHmac('sha256', Buffer.alloc(64)).update('x').digest();
  await target.refuses('zero key', (payload) => forge({ payload, secret: empty }));
});
