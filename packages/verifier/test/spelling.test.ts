import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { importSecret, MAX_TOKEN_LENGTH, parseClaims, verifyCompactJws } from '../src/index.ts';
import { mintHs256, refusal, SECRET, segment } from './mint.ts';

const key = importSecret(SECRET);
const HEADER = { alg: 'HS256', typ: 'JWT' };
const token = mintHs256(HEADER, { sub: '1', name: 'a?b>c~~~' });
const [header = '', payload = '', tag = ''] = token.split('.');
const verify = (text: string) => verifyCompactJws(text, key, 'HS256');

// The 32-byte tag ends in a character with two unused bits: +1 in the alphabet is its twin.
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const twin = (text: string) => text.slice(0, -1) + ALPHABET[ALPHABET.indexOf(text.slice(-1)) + 1];

const respellings: Record<string, string> = {
  'non-canonical last character of the signature': `${header}.${payload}.${twin(tag)}`,
  'non-canonical last character of the payload': `${header}.${twin(segment('{}'))}.${tag}`,
  'trailing padding': `${token}=`,
  'space inside the signature': `${header}.${payload}.${tag.slice(0, 9)} ${tag.slice(9)}`,
  'trailing newline': `${token}\n`,
  'leading space': ` ${token}`,
  'leading byte order mark': `\ufeff${token}`,
  'trailing dot': `${token}.`,
  'the + and / alphabet': `${header}.${payload}.${tag.slice(0, -2)}+/`,
  'a tab in the header': `${header.slice(0, 4)}\t${header.slice(4)}.${payload}.${tag}`,
  'NUL at the end': `${token}\0`,
  'a full-width letter': `${header}.${payload}.${tag.slice(0, -1)}Ａ`,
};

const shapes: Record<string, string> = {
  'the empty string': '',
  'one part': header,
  'two parts, signature stripped': `${header}.${payload}`,
  'an empty signature': `${header}.${payload}.`,
  'an empty header': `.${payload}.${tag}`,
  'only dots': '..',
  'four parts': `${token}.${tag}`,
  'five parts, as a JWE has': `${header}..${payload}.${payload}.${tag}`,
  'flattened JSON serialization': JSON.stringify({ protected: header, payload, signature: tag }),
  'general JSON serialization': JSON.stringify({
    payload,
    signatures: [{ protected: header, signature: tag }],
  }),
  'a segment of 4n+1 characters': `${header}.${payload}.${tag}AA`,
};

describe('a token has one spelling', () => {
  test('the token itself is accepted', () => assert.doesNotThrow(() => verify(token)));
  for (const [name, text] of Object.entries({ ...respellings, ...shapes })) {
    test(`refuses ${name}`, () =>
      assert.equal(
        refusal(() => verify(text)),
        'malformed',
      ));
  }

  test('refuses what is not a string', () => {
    for (const value of [undefined, null, 7, {}, [token], Buffer.from(token), new String(token)]) {
      assert.equal(
        refusal(() => Reflect.apply(verify, undefined, [value])),
        'malformed',
      );
    }
  });

  test('a lenient decoder accepts the first respelling, so the table can fail', () => {
    assert.deepEqual(Buffer.from(twin(tag), 'base64url'), Buffer.from(tag, 'base64url'));
  });
});

test('a token of 8192 characters is read, a longer one is not', () => {
  const bare = mintHs256(HEADER, '').length;
  const filling = Buffer.alloc(Math.floor(((MAX_TOKEN_LENGTH - bare) * 3) / 4));
  const longest = mintHs256(HEADER, filling);
  assert.equal(longest.length, 8192);
  assert.deepEqual(Buffer.from(verify(longest).payload), filling);
  assert.equal(
    refusal(() => verify(`${longest}A`)),
    'too_long',
  );
  assert.equal(
    refusal(() => verify('A'.repeat(60_000))),
    'too_long',
  );
  assert.equal(
    refusal(() => verify('.'.repeat(1_000_000))),
    'too_long',
  );
});

const badJson: Record<string, string | Uint8Array> = {
  'a byte order mark': '\ufeff{"alg":"HS256"}',
  'bytes that are not UTF-8': Buffer.from('7b22616c67223a224853323536222c2278223a22ff227d', 'hex'),
  'an overlong encoding': Buffer.from('7b22616c67223a224853323536222c2278223a22c0ae227d', 'hex'),
  'UTF-16': Buffer.from('{"alg":"HS256"}', 'utf16le'),
  'an array': '["HS256"]',
  'a string': '"HS256"',
  'a number': '7',
  null: 'null',
  'a trailing comma': '{"alg":"HS256",}',
  'two documents': '{"alg":"HS256"}{}',
  'single quotes': "{'alg':'HS256'}",
  'a duplicate name': '{"alg":"HS256","alg":"HS256"}',
  'a duplicate name spelled with an escape': '{"alg":"HS256","\\u0061lg":"HS256"}',
  'a duplicate name inside a member': '{"alg":"HS256","x":{"a":1,"a":2}}',
  'a duplicate name inside an array': '{"alg":"HS256","x":[{"a":":"},{"b":1,"b":2}]}',
  'a duplicate that hides members': '{"alg":"HS256","x":{"a":1,"b":2},"x":0}',
  'a duplicate __proto__': '{"alg":"HS256","__proto__":1,"__proto__":2}',
  '33 levels': `{"alg":"HS256","x":${'['.repeat(32)}${']'.repeat(32)}}`,
  '1,500 levels': `{"alg":"HS256","x":${'['.repeat(1500)}${']'.repeat(1500)}}`,
};

const goodJson: Record<string, string> = {
  'colons and quotes inside strings': '{"alg":"HS256","x":":\\":\\\\","y\\":":"{\\"a\\":1}"}',
  'whitespace around names': '{ "alg" :\r\n"HS256"\t, "x" : { } }',
  'an own __proto__': '{"alg":"HS256","__proto__":{"crit":["x"]}}',
  '32 levels': `{"alg":"HS256","x":${'['.repeat(31)}${']'.repeat(31)}}`,
  'one name at two levels': '{"alg":"HS256","x":{"alg":"none"}}',
};

describe('JSON', () => {
  for (const [name, text] of Object.entries(badJson)) {
    test(`refuses ${name}, signed, in the header`, () =>
      assert.equal(
        refusal(() => verify(mintHs256(text, '{}'))),
        'malformed',
      ));
    test(`refuses ${name} in the claims`, () =>
      assert.equal(
        refusal(() => parseClaims(Buffer.from(text))),
        'malformed',
      ));
  }
  for (const [name, text] of Object.entries(goodJson)) {
    test(`reads ${name}`, () => {
      assert.equal(verify(mintHs256(text, '')).header.alg, 'HS256');
      assert.deepEqual(parseClaims(Buffer.from(text)), JSON.parse(text));
    });
  }
  test('depth is bounded without a stack overflow, whatever the size', () => {
    const deep = Buffer.from(`{"x":${'['.repeat(300_000)}${']'.repeat(300_000)}}`);
    assert.equal(
      refusal(() => parseClaims(deep)),
      'malformed',
    );
  });
  test('an empty payload is a JWS but not claims', () => {
    const { payload: empty } = verify(mintHs256(HEADER, ''));
    assert.equal(empty.length, 0);
    assert.equal(
      refusal(() => parseClaims(empty)),
      'malformed',
    );
  });
});
