/** What the admin listener serves to browsers: the console's page and its files. The console itself: test/browser. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EVENTS } from '../../src/audit/event.ts';
import { collect } from '../security/support/raw.ts';
import { startAdministration } from './support/administration.ts';

const PUBLIC = '../../../console/src/public';
const TEXTS = `${PUBLIC}/texts`;
const MOST_BYTES = 80_000;

const linksOf = (page: string) =>
  [...page.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, link = '']) => link);

test('AD03: the page has no code of its own, and its policy allows no inline code, no other origin and no markup from text', async (t) => {
  const { adminUrl } = await startAdministration(t);
  const response = await fetch(adminUrl, { headers: { 'accept-language': 'ru' } });
  assert.equal(response.status, 200);
  const page = await response.text();
  assert.match(page, /^<!doctype html>\n<html lang="ru">/);
  assert.doesNotMatch(page, /<script(?![^>]* src=)|<style|\son\w+=|\sstyle=/);
  for (const link of linksOf(page)) assert.match(link, /^console\//, 'relative, for a prefix');
  const policy = response.headers.get('content-security-policy') ?? '';
  const rules = new Map(policy.split('; ').map((rule) => rule.split(/ (.*)/) as [string, string]));
  assert.equal(rules.get('default-src'), "'none'");
  assert.equal(rules.get('script-src'), "'self'");
  assert.equal(rules.get('require-trusted-types-for'), "'script'");
  assert.equal(rules.get('trusted-types'), "'none'");
  assert.doesNotMatch(policy, /unsafe|http|data:|\*/);
  assert.equal(response.headers.get('cache-control'), 'no-store');
});

test('the service serves every file of the console with a permanent URL, all below 80 kB compressed', async (t) => {
  const { adminUrl } = await startAdministration(t);
  const page = await (await fetch(adminUrl)).text();
  const links = new Set(linksOf(page));
  let bytes = page.length;
  // Imports that the page does not name are followed too.
  for (const link of links) {
    const place = new URL(link, `${adminUrl}/`);
    const raw = await fetch(place, { headers: { 'accept-encoding': 'gzip' } });
    assert.equal(raw.status, 200, link);
    assert.match(raw.headers.get('cache-control') ?? '', /immutable/, link);
    assert.equal(raw.headers.get('content-encoding'), 'gzip', link);
    const text = await raw.text();
    bytes += Number(raw.headers.get('content-length'));
    for (const [, , name = ''] of text.matchAll(/\b(?:from|import)\s*(["'])([\w./-]+)\1/g)) {
      assert.match(name, /^\.\.?\/.+\.js$/, `${link} imports ${name}`);
      links.add(new URL(name, place).pathname.slice(1));
    }
  }
  assert.ok(links.size > 30, `${links.size} files`);
  assert.ok(bytes < MOST_BYTES, `${bytes} bytes`);
  t.diagnostic(`${links.size} files, ${bytes} bytes compressed`);
});

test('files of another version and unknown names are 404, and a client without gzip gets plain bytes', async (t) => {
  const { adminUrl } = await startAdministration(t);
  const page = await (await fetch(adminUrl)).text();
  const script = linksOf(page).find((link) => link.endsWith('/main.js')) ?? '';
  const [, version = ''] = script.split('/');
  const plain = await fetch(`${adminUrl}/${script}`, {
    headers: { 'accept-encoding': 'identity' },
  });
  assert.match(await plain.text(), /^import /);
  assert.equal(plain.headers.get('content-type'), 'text/javascript; charset=utf-8');
  for (const path of [
    script.replace(version, 'AAAAAAAAAAAAAAAA'),
    `console/${version}/../folder.ts`,
    `console/${version}/%2e%2e/folder.ts`,
    `console/${version}/vendor/preact.d.ts`,
    `console/${version}/`,
    'console/main.js',
  ])
    assert.equal((await fetch(`${adminUrl}/${path}`)).status, 404, path);
});

test('AD04: the console is refused to another Host and to the page of another origin', async (t) => {
  const { adminUrl } = await startAdministration(t);
  const { port, host } = new URL(adminUrl);
  const statusFor = async (name: string, more = '') => {
    const bytes = `GET / HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n${more}\r\n`;
    const text = String(await collect(Number(port), (socket) => socket.write(bytes)));
    return Number(text.split(' ')[1]);
  };
  assert.equal(await statusFor(host), 200);
  assert.equal(await statusFor('rebound.evil.test'), 421);
  assert.equal(await statusFor(host, 'Sec-Fetch-Site: cross-site\r\n'), 403);
});

test('the console has a name for every event of the audit log, in both languages', async () => {
  for (const language of ['en', 'ru']) {
    const { events } = await import(`${TEXTS}/${language}-events.js`);
    assert.deepEqual(Object.keys(events).sort(), [...EVENTS].sort(), language);
  }
});

test('exported texts that a spreadsheet would run as formulas are escaped', async () => {
  const { csvOf } = await import(`${PUBLIC}/csv.js`);
  const rows = [['=HYPERLINK("https://evil.test")'], ['@SUM(A1)'], ['+1'], ['-1'], [-1], ['a,b']];
  assert.equal(
    csvOf(['name'], rows),
    `name\r\n"'=HYPERLINK(""https://evil.test"")"\r\n'@SUM(A1)\r\n'+1\r\n'-1\r\n-1\r\n"a,b"\r\n`,
  );
});
