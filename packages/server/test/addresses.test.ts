/** White space around an address is dropped as Python's `str.strip()` does it; nothing invisible stays inside. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startService } from './support/service.ts';

const INVALID = { email: ['Enter a valid email address.'] };

/** `str.isspace()` of Python 3: 29 characters, neither U+200B nor U+FEFF among them. */
const SPACES = [
  ...['\t', '\n', '\v', '\f', '\r', '\x1c', '\x1d', '\x1e', '\x1f', ' ', '\x85', '\xa0', '\u1680'],
  ...['\u2000', '\u2001', '\u2002', '\u2003', '\u2004', '\u2005', '\u2006', '\u2007', '\u2008'],
  ...['\u2009', '\u200a', '\u2028', '\u2029', '\u202f', '\u205f', '\u3000'],
];

test('LE12 white space of every kind around an address is dropped', async (t) => {
  const service = await startService(t);
  const { body } = await service.register(`\u3000\x85alice@example.com${SPACES.join('')}`);
  assert.deepEqual(body, { id: 1, email: 'alice@example.com' });
  for (const space of SPACES) {
    const answer = await service.register(`${space}alice@example.com${space}`);
    const taken = { email: ['user with this email address already exists.'] };
    assert.deepEqual(answer.body, taken, `U+${space.codePointAt(0)?.toString(16)}`);
  }
  assert.equal((await service.login(`\u00a0alice@example.com\u2028`)).status, 200);
});

test('invisible characters anywhere in an address are refused', async (t) => {
  const service = await startService(t);
  const invisible = [
    ...['\u200b', '\u200c', '\u200d', '\u2060', '\ufeff', '\u00ad', '\u034f', '\u180e', '\u202e'],
    ...['\u2066', '\ufe0f', '\u3164', '\u{e0041}', '\u0001', '\u007f', '\u0080', '\u009f'],
  ];
  for (const character of invisible)
    for (const address of [
      `${character}alice@example.com`,
      `al${character}ice@example.com`,
      `alice@exam${character}ple.com`,
      `alice@bü${character}cher.example`,
      `alice@example.com${character}`,
    ]) {
      const { status, body } = await service.register(address);
      assert.equal(status, 400, JSON.stringify(address));
      assert.deepEqual(body, INVALID, JSON.stringify(address));
    }
  assert.equal((await service.register('alice@bücher.example')).status, 201);
});
