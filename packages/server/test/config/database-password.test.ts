/** No part of a password is ever shown, whatever it is and wherever the URL is given. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ConfigError, readConfig } from '../../src/config/config.ts';
import { describeUrl, parseDatabaseUrl } from '../../src/config/database-url.ts';
import { runCommand } from '../support/command.ts';
import { workDirectory } from '../support/databases.ts';

const faultOf = (url: string): string => {
  const address = parseDatabaseUrl(url);
  return 'fault' in address ? address.fault : '';
};
test('F2 a password that is not percent-encoded is refused without repeating the URL', () => {
  for (const password of [
    '7?Regenbogen',
    '7#Regenbogen',
    '7/Regenbogen',
    '7@Regenbogen',
    '7%Regen',
    '%FF%FE7',
    'a%00b',
  ]) {
    const url = `postgres://gp:${password}@127.0.0.1/x`;
    assert.match(faultOf(url), /^cannot be read: percent-encode the password/, url);
    assert.doesNotMatch(describeUrl(url), /egen|127/);
  }
});

const TELLING = 4;
const characters = fc.constantFrom(...'QXZ4719', ...'!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~ ');
const passwords = fc.array(characters, { minLength: 6, maxLength: 40 }).map((all) => all.join(''));

/** @param own what is told whatever the password is: it may hold the same characters by chance */
function assertTellsNothing(told: string, own: string, ...forms: string[]): void {
  for (const form of forms)
    for (let i = 0; i + TELLING <= form.length; i++) {
      const piece = form.slice(i, i + TELLING);
      if (!own.includes(piece)) assert.ok(!told.includes(piece), `${piece} in ${told}`);
    }
}

const TAILS = ['', '?sslmode=prefer', '?x=1', '/y'] as const;

/** All that is said of a URL. */
const toldOf = (url: string): string =>
  [describeUrl(url), faultOf(url), configured(url)].join('\n');

const OWN = TAILS.flatMap((tail) => [
  toldOf(`postgres://owner:a@host.example/base${tail}`),
  toldOf(`postgres://owner:a?b@host.example/base${tail}`),
]).join('\n');

test('any password is read whole or refused, and never shown in part', () => {
  const seen = { read: 0, refused: 0 };
  fc.assert(
    fc.property(passwords, fc.boolean(), fc.constantFrom(...TAILS), (password, isEncoded, tail) => {
      const written = isEncoded ? encodeURIComponent(password) : password;
      const url = `postgres://owner:${written}@host.example/base${tail}`;
      const address = parseDatabaseUrl(url);
      if ('fault' in address) seen.refused++;
      else {
        seen.read++;
        assert.ok(address.engine === 'postgres');
        assert.equal(address.host, 'host.example');
        if (isEncoded) assert.equal(address.password, password);
      }
      assertTellsNothing(toldOf(url), OWN, password, written);
      if (isEncoded && tail === '') assert.ok(!('fault' in address), url);
    }),
    // Four characters of it stand in a sentence of ours.
    { numRuns: 1000, examples: [[' "/"QQQQQQ', true, '/y']] },
  );
  assert.ok(seen.read > 100 && seen.refused > 100, JSON.stringify(seen));
});

function configured(url: string): string {
  try {
    readConfig({ GATEPASS_DATABASE_URL: url, GATEPASS_DATABASE_DIRECT_URL: url });
    return '';
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.message;
  }
}

/** What each command says when it is given this password. */
async function commandsWith(directory: string, password: string, written: string) {
  const url = `postgres://owner:${written}@127.0.0.1:1/base`;
  const env = { GATEPASS_DATABASE_URL: url, GATEPASS_SECRET: `"${password}` };
  const ours = { GATEPASS_DATABASE_URL: 'sqlite:ours.db' };
  const runs: [string[], Record<string, string>][] = [
    [['serve'], env],
    [['doctor'], env],
    [['doctor'], { GATEPASS_DATABASE_URL: url }],
    [['db', 'check'], { GATEPASS_DATABASE_URL: url }],
    [['import', 'django', '--from', url, '--dry-run'], ours],
    [['db', 'copy', '--from', url, '--to', 'sqlite:copy.db'], ours],
  ];
  let told = '';
  for (const [args, variables] of runs) {
    const { code, stdout, stderr } = await runCommand(directory, args, '', variables);
    assert.notEqual(code, 0, `${args}: ${stdout}`);
    told += stdout + stderr;
  }
  return told;
}

test('serve, doctor, import and copy do not show it either', async (t) => {
  const directory = await workDirectory(t);
  const own = [
    await commandsWith(directory, 'a', 'a'),
    await commandsWith(directory, 'a?b', 'a?b'),
  ].join('\n');
  for (const [password, isEncoded] of fc.sample(fc.tuple(passwords, fc.boolean()), 12)) {
    const written = isEncoded ? encodeURIComponent(password) : password;
    const told = await commandsWith(directory, password, written);
    assertTellsNothing(told, own, password, written);
  }
});
