/**
 * docs/security-cases.md, group TF, with asymmetric keys: what is public signs nothing, and a key
 * one thing.
 */
import assert from 'node:assert/strict';
import { createHash, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { ASYMMETRIC } from '../keys/support/ring.ts';
import { SECRET } from '../support/service.ts';
import { until } from '../support/until.ts';
import { base64url, hmac, signers, startAsymmetric } from './support/asymmetric.ts';
import { assertTokenRefused } from './support/refusals.ts';

for (const alg of ASYMMETRIC) {
  test(`TF06 ${alg}: no public value works as an HMAC secret`, async (t) => {
    const ring = await startAsymmetric(t, alg);
    assert.equal((await ring.service.verify(ring.signed(ring.header))).text, '{}', 'the control');
    const publicKey = createPublicKey({ key: { ...ring.jwk }, format: 'jwk' });
    const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString();
    const der = publicKey.export({ format: 'der', type: 'spki' });
    const raw = [ring.jwk.x, ring.jwk.n].flatMap((each) =>
      each ? [Buffer.from(each, 'base64url'), each] : [],
    );
    const secrets = [
      ...[
        pem,
        pem.trimEnd(),
        ` ${pem}`,
        `\n${pem}`,
        `\u00a0${pem}`,
        `junk${pem}`,
        pem.replaceAll('\n', '\r\n'),
      ],
      ...[der, der.toString('base64'), ...raw, String(ring.jwk.kid)],
      ...[
        JSON.stringify(ring.jwk),
        JSON.stringify(ring.jwks.keys),
        JSON.stringify({ keys: ring.jwks.keys }),
      ],
    ];
    for (const secret of secrets)
      for (const kid of [undefined, ring.jwk.kid])
        for (const name of ['HS256', alg]) {
          const header = { alg: name, typ: 'JWT', ...(kid && { kid }) };
          await ring.refuses(
            `${name} ${kid} ${String(secret).slice(0, 20)}`,
            ring.make(header, (input) => hmac(input, secret)),
          );
        }
  });

  test(`TF02 TF09 TF10 TF11 ${alg}: a key is found only by its exact name and for its algorithm`, async (t) => {
    const ring = await startAsymmetric(t, alg);
    const kid = String(ring.jwk.kid);
    const others = [
      'HS256',
      'HS512',
      'none',
      'EdDSA',
      'ES256',
      'RS256',
      'PS256',
      'ES384',
      alg.toLowerCase(),
      `${alg} `,
      null,
      [alg],
      7,
    ].filter((each) => each !== alg);
    for (const name of others)
      await ring.refuses(`alg ${name}`, ring.signed({ ...ring.header, alg: name }));
    // The server's own secret makes no token of a key, and a key none of the secret.
    await ring.refuses(
      'secret',
      ring.make(ring.header, (input) => hmac(input, SECRET)),
    );
    await ring.refuses('no kid', ring.signed({ alg, typ: 'JWT' }));
    const kids = [
      ...[
        '../../../../dev/null',
        '/etc/passwd',
        `${kid}\0`,
        `../${kid}`,
        `${kid} `,
        kid.toLowerCase(),
        '',
      ],
      ...["x' UNION SELECT 'AA'--", '"; DROP TABLE users;--', `' OR '1'='1`],
      ...[
        '__proto__',
        'constructor',
        'toString',
        'hs256',
        'k'.repeat(4000),
        7,
        [],
        {},
        null,
        true,
        [kid],
        { kid },
      ],
    ];
    for (const each of kids)
      await ring.refuses(
        `kid ${JSON.stringify(each).slice(0, 30)}`,
        ring.signed({ ...ring.header, kid: each }),
      );
    const table = await ring.service.database.db.selectFrom('users').select('id').execute();
    assert.equal(table.length, 2);
  });

  test(`TF12 TF13 TF14 ${alg}: keys, URLs and extensions in a token are not used`, async (t) => {
    const ring = await startAsymmetric(t, alg);
    let connections = 0;
    const listener = createServer((socket) => {
      connections++;
      socket.destroy();
    }).listen(0, '127.0.0.1');
    t.after(() => listener.close());
    await once(listener, 'listening');
    const address = listener.address();
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/jwks`;
    const attacker = {
      EdDSA: () => generateKeyPairSync('ed25519'),
      ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
      RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
    }[alg]();
    const jwk = attacker.publicKey.export({ format: 'jwk' });
    const x5c = [attacker.publicKey.export({ format: 'der', type: 'spki' }).toString('base64')];
    const x5t = createHash('sha256')
      .update(x5c[0] ?? '')
      .digest('base64url');
    for (const extra of [
      {},
      { jku: url },
      { x5u: url },
      { jwk },
      { jwk: { ...jwk, kid: ring.jwk.kid } },
      { x5c },
      { 'x5t#S256': x5t },
    ])
      for (const head of [ring.header, { alg, typ: 'JWT' }, { ...ring.header, kid: 'attacker' }])
        await ring.refuses(
          `${Object.keys(extra)}`,
          ring.signed({ ...head, ...extra }, attacker.privateKey),
        );
    for (const extra of [
      { crit: ['x'] },
      { crit: [] },
      { crit: ['exp'] },
      { b64: false },
      { b64: false, crit: ['b64'] },
    ])
      await ring.refuses(JSON.stringify(extra), ring.signed({ ...ring.header, ...extra }));
    const harmless = ring.signed({ ...ring.header, jku: url, x5u: url });
    assert.equal((await ring.service.verify(harmless)).status, 200);
    assert.equal(connections, 0);
  });
}

test('TF15 an ECDSA signature is accepted only as 64 bytes with r and s in range', async (t) => {
  const ring = await startAsymmetric(t, 'ES256');
  const order = Buffer.from(
    'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551',
    'hex',
  );
  const zero = Buffer.alloc(32);
  const good = (input: string) => signers.ES256(input, ring.key);
  const r = (input: string) => good(input).subarray(0, 32);
  const s = (input: string) => good(input).subarray(32);
  const wrong: Record<string, (input: string) => Buffer> = {
    'r = s = 0': () => Buffer.concat([zero, zero]),
    'r = 0': (input) => Buffer.concat([zero, s(input)]),
    's = 0': (input) => Buffer.concat([r(input), zero]),
    'r = n': (input) => Buffer.concat([order, s(input)]),
    's = n': (input) => Buffer.concat([r(input), order]),
    DER: (input) => sign('sha256', Buffer.from(input), ring.key),
    '63 bytes': (input) => good(input).subarray(0, 63),
    '65 bytes': (input) => Buffer.concat([good(input), Buffer.alloc(1)]),
    '65 bytes, zero first': (input) => Buffer.concat([Buffer.alloc(1), good(input)]),
    nothing: () => Buffer.alloc(0),
  };
  for (const [name, signature] of Object.entries(wrong))
    await ring.refuses(
      name,
      ring.make(ring.header, (input) => signature(input).toString('base64url')),
    );
});

test('TF24 keys of another installation and retired keys are refused', async (t) => {
  const ring = await startAsymmetric(t, 'EdDSA');
  const other = await startAsymmetric(t, 'EdDSA');
  await ring.refuses('foreign', other.access);
  await ring.refuses('foreign, with our kid', other.signed(ring.header));
  const far = { ...ring.claims, exp: 4102444800 };
  const stolen = (() => {
    const input = `${base64url(ring.header)}.${base64url(far)}`;
    return `${input}.${signers.EdDSA(input, ring.key).toString('base64url')}`;
  })();
  assert.equal((await ring.service.verify(stolen)).status, 200, 'the control: it is our key');
  ring.service.clock.advance(30 * 86_400_000);
  // A process has to record the switch, once a second.
  let answer = await ring.service.verify(stolen);
  const isRefused = async () => {
    ring.service.clock.advance(60_000);
    answer = await ring.service.verify(stolen);
    return answer.status !== 200;
  };
  await until('the key is refused', isRefused, 100);
  assertTokenRefused('beyond its overlap', answer, { reason: 'unknown_key' });
});
