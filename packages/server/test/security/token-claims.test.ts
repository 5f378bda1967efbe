/** docs/security-cases.md, group TF: how a token is spelled, and what its claims may say. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forge } from '../support/service.ts';
import { request, single } from './support/raw.ts';
import {
  assertBearerRefused,
  assertTokenRefused,
  type Claims,
  startTarget,
} from './support/refusals.ts';

const text = (claims: object) => JSON.stringify(claims);

test('TF19 JSON serialisations are not tokens', async (t) => {
  const target = await startTarget(t);
  const { service } = target;
  const parts = (claims: Claims) => forge({ payload: claims }).split('.');
  const flattened = (claims: Claims) => {
    const [header, payload, signature] = parts(claims);
    return { protected: header, payload, signature };
  };
  const general = (claims: Claims) => {
    const { payload, ...signature } = flattened(claims);
    return { payload, signatures: [signature, signature] };
  };
  for (const serialise of [flattened, general]) {
    await target.refuses('as text', (claims) => text(serialise(claims)));
    for (const answer of [
      await service.verify(serialise(target.claims('access'))),
      await service.refresh(serialise(target.claims('refresh'))),
      await service.verify([forge({ payload: target.claims('access') })]),
    ]) {
      assert.equal(answer.status, 400, answer.text);
      assert.match(answer.text, /Not a valid string/);
    }
  }
  // CVE-2022-39227: one reader sees the JSON, another the compact token inside it.
  await target.refuses('polyglot', (claims) => {
    const [header, payload, signature] = parts(claims);
    return `{"${header}.":"","protected":"${header}","payload":"${payload}","signature":"${signature}"}`;
  });
});

const twinOfLast = (token: string) => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return token.slice(0, -1) + alphabet[alphabet.indexOf(token.slice(-1)) + 1];
};
const RESPELLINGS: Record<string, [respell: (token: string) => string, bearer?: false]> = {
  'the non-canonical twin of the last character': [twinOfLast],
  'a trailing =': [(token) => `${token}=`],
  'a space inside': [(token) => `${token.slice(0, -4)} ${token.slice(-4)}`],
  'a trailing newline': [(token) => `${token}\n`, false],
  'a leading space': [(token) => ` ${token}`, false],
  'a trailing space': [(token) => `${token} `, false],
  'a trailing dot': [(token) => `${token}.`],
  'a no-break space': [(token) => `${token}\u00a0`, false],
  'a byte order mark': [(token) => `\ufeff${token}`, false],
  'a NUL': [(token) => `${token}\0`, false],
  'percent encoding': [(token) => token.replace('.', '%2e')],
  'the scheme inside the token': [(token) => `Bearer ${token}`],
};

test('TF20 a valid token has one spelling', async (t) => {
  const target = await startTarget(t);
  await target.accepts('control', (payload) => forge({ payload }));
  for (const [name, [respell, bearer]] of Object.entries(RESPELLINGS)) {
    const make = (payload: Claims) => respell(forge({ payload }));
    if (name === 'a NUL') {
      const answer = await target.service.verify(make(target.claims('access')));
      assert.equal(answer.status, 400, 'Null characters are not allowed.');
    } else await target.refuses(name, make, bearer === false ? { bearer } : {});
  }
  await target.refuses('the standard alphabet', (claims) => {
    for (let jti = 0; ; jti++) {
      const token = forge({ payload: { ...claims, jti: String(jti) } });
      const respelled = token.replaceAll('-', '+').replaceAll('_', '/');
      if (respelled !== token) return respelled;
    }
  });
});

const PAYLOADS: Record<string, (claims: Claims) => string | Buffer> = {
  'not UTF-8': (claims) => Buffer.from(text({ ...claims, x: 'é' }), 'latin1'),
  'UTF-16': (claims) => Buffer.from(text(claims), 'utf16le'),
  'a byte order mark': (claims) => `\ufeff${text(claims)}`,
  'a name twice': (claims) => text(claims).replace('{', '{"user_id":2,'),
  'a name twice, once escaped': (claims) => text(claims).replace('{', '{"user_\\u0069d":2,'),
  'a nested name twice': (claims) => text(claims).replace('{', '{"x":{"a":1,"a":2},'),
  'an array': (claims) => text([claims]),
  'a string': () => '"claims"',
  'a number': () => '1',
  null: () => 'null',
  nothing: () => '',
  'two objects': (claims) => text(claims) + text(claims),
  'a trailing comma': (claims) => text(claims).replace('}', ',}'),
  NaN: (claims) => text(claims).replace(/"exp":\d+/, '"exp":NaN'),
  'nesting beyond 32': (claims) =>
    text(claims).replace('{', `{"x":${'['.repeat(40)}${']'.repeat(40)},`),
};

test('TF21 payloads and headers are UTF-8 JSON objects without duplicates, though signed', async (t) => {
  const target = await startTarget(t);
  await target.accepts('control', (claims) => forge({ payload: text(claims) }));
  for (const [name, payloadOf] of Object.entries(PAYLOADS))
    await target.refuses(name, (claims) => forge({ payload: payloadOf(claims) }));
  for (const header of [
    '{"alg":"none","alg":"HS256"}',
    '{"alg":"HS256","alg":"HS256"}',
    '\ufeff{"alg":"HS256"}',
    Buffer.from('{"alg":"HS256","x":"é"}', 'latin1'),
    '["HS256"]',
    '"HS256"',
    'null',
    '{"alg":"HS256"}{}',
  ])
    await target.refuses(String(header), (payload) => forge({ header, payload }), {
      reason: 'malformed',
    });
});

test('TF22 exp, iat and nbf must be finite numbers and jti a string', async (t) => {
  const target = await startTarget(t);
  const odd = ['"9999999999"', '1e400', '-1e400', 'null', '[9999999999]', '{}', 'true', '""'];
  const tables: Record<string, string[]> = {
    exp: [...odd, '-1', '0', '9007199254740992', '253402300800'],
    iat: odd,
    nbf: odd,
    jti: ['7', 'null', '["a"]', '{}', 'true'],
    user_id: ['null', '-1', '0', '1.5', '"1 "', '" 1"', '"01"', '"1e0"', '[1]', '{}', 'true'],
  };
  for (const [name, values] of Object.entries(tables)) {
    for (const value of values) {
      const spoil = (claims: Claims) => {
        const rest: Record<string, unknown> = { ...claims };
        delete rest[name];
        return text(rest).replace('{', `{${JSON.stringify(name)}:${value},`);
      };
      const make = (claims: Claims) => forge({ payload: spoil(claims) });
      if (name !== 'user_id') await target.refuses(`${name}: ${value}`, make);
      else {
        const { service } = target;
        const refreshed = await service.refresh(make(target.claims('refresh')));
        assertTokenRefused(`user_id ${value}`, refreshed);
        assert.equal((await service.me(make(target.claims('access')))).status, 401, value);
      }
    }
  }
  for (const name of ['exp', 'jti'])
    await target.refuses(`no ${name}`, ({ [name]: _, ...claims }) => forge({ payload: claims }), {
      reason: `missing_${name}`,
    });
});

test('TF23 exp is exact, nbf and iat have a leeway of 5 seconds', async (t) => {
  const target = await startTarget(t);
  const now = target.service.clock.now() / 1000;
  const whole = Math.floor(now);
  const withTime = (name: string, value: number) => (claims: Claims) =>
    forge({ payload: { ...claims, [name]: value } });
  for (const exp of [now, whole, whole - 1, whole - 6])
    await target.refuses(`exp ${exp - now}`, withTime('exp', exp), { reason: 'expired' });
  for (const exp of [now + 0.001, whole + 1]) await target.accepts('exp', withTime('exp', exp));
  for (const name of ['nbf', 'iat']) {
    for (const ahead of [5.001, 6, 3600])
      await target.refuses(`${name} +${ahead}`, withTime(name, now + ahead), {
        reason: 'not_yet_valid',
      });
    for (const ahead of [-1, 0, 4.999])
      await target.accepts(`${name} +${ahead}`, withTime(name, now + ahead));
  }
});

test('TF25 a token over 8 KiB is refused unparsed, and a body over 16 KiB unread', async (t) => {
  const target = await startTarget(t);
  const { service } = target;
  const ofLength = (claims: Claims, length: number) => {
    for (let pad = length * 0.7; ; pad++) {
      const token = forge({ payload: { ...claims, pad: 'x'.repeat(pad) } });
      if (token.length >= length) return token;
    }
  };
  await target.accepts('8192', (claims) => ofLength(claims, 8190));
  // Rightly signed, yet not "expired": its length alone was looked at.
  await target.refuses('8193', (claims) => ofLength({ ...claims, exp: 1 }, 8193), {
    reason: 'too_long',
  });
  const long = ofLength(target.claims('access'), 60_000);
  for (const answer of [await service.verify(long), await service.refresh(long)])
    assert.equal(answer.status, 413);
  const header = `Authorization: Bearer ${'x'.repeat(20_000)}`;
  const refused = await single(service.port, request('GET /api/users/me', [header]));
  assert.equal(refused.status, 431);
  assertBearerRefused('12 KB', await service.me('x'.repeat(12_000)));
  assert.equal((await service.login()).status, 200);
});
