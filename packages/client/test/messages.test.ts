/** Which messages of other tabs a tab accepts, if they are late or about another session. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createFake, PAIR, token } from './support/fake-service.ts';

let browsers = 0;
const AT = 1_000_000;
const tokens = (sid: string, at: number) => ({ access: token(300, at, sid), refresh: 'R', at });

// A busy machine delivers late: what should change is waited for.
const TRIES = 1500;

/** A tab in a state, and another that tells it something; returns the token it then uses. */
async function told(
  t: TestContext,
  state: 'in' | 'out',
  message: object,
  expected: string | undefined,
) {
  const channel = `messages ${++browsers}`;
  const fake = createFake(() => PAIR, { channel });
  t.after(fake.client.close);
  await fake.client.login('alice@example.com', 'secret');
  if (state === 'out') await fake.client.logout();
  const other = new BroadcastChannel(channel);
  t.after(() => other.close());
  other.postMessage(message);
  for (let tries = 1; ; tries++) {
    await sleep(20);
    if (fake.client.isLoggedIn) await fake.client.user();
    const used = fake.client.isLoggedIn
      ? fake.authorizations.at(-1)?.slice('Bearer '.length)
      : undefined;
    if (used === expected || tries === TRIES) return used;
  }
}

const own = PAIR.body.access;
const newer = tokens('session', AT + 1);
const strange = tokens('other', AT + 1);
const cases: [string, 'in' | 'out', object, string | undefined][] = [
  ['newer tokens of its session', 'in', { kind: 'refresh', tokens: newer }, newer.access],
  [
    'older tokens of its session',
    'in',
    { kind: 'refresh', tokens: tokens('session', AT - 1) },
    own,
  ],
  ['a refresh of another session', 'in', { kind: 'refresh', tokens: strange }, own],
  ['an answer about another session', 'in', { kind: 'tell', tokens: strange }, own],
  ['a login to another session', 'in', { kind: 'login', tokens: strange }, strange.access],
  ['the end of its session', 'in', { kind: 'logout', sid: 'session' }, undefined],
  ['the end of another session', 'in', { kind: 'logout', sid: 'other' }, own],
  ['a late refresh, logged out', 'out', { kind: 'refresh', tokens: newer }, undefined],
  ['a late answer, logged out', 'out', { kind: 'tell', tokens: newer }, undefined],
  ['a login, logged out', 'out', { kind: 'login', tokens: strange }, strange.access],
];

for (const [name, state, message, expected] of cases) {
  test(`${expected && expected !== own ? 'believes' : 'hears'} ${name}`, async (t) => {
    assert.equal(await told(t, state, message, expected), expected);
  });
}

test('an open channel does not keep a process alive', () => {
  const code = `import { createClient } from '@gatepass/client';
    createClient({ url: 'http://127.0.0.1', channel: 'open' });`;
  const options = { cwd: new URL('..', import.meta.url), timeout: 60_000 };
  execFileSync(process.execPath, ['--input-type=module', '--eval', code], options);
});
