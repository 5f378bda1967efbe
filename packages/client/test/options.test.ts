/** Mistakes of the developer are a TypeError that says which, in a sentence, at once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ClientOptions, createClient } from '../src/index.ts';
import { openPage } from './support/page.ts';

const url = 'https://id.example';
const cases: [string, unknown, RegExp][] = [
  ['no options', undefined, /createClient needs \{ url \}/],
  ['null', null, /createClient needs \{ url \}/],
  ['no url', {}, /createClient needs \{ url \}/],
  ['an undefined url', { url: undefined }, /createClient needs \{ url \}/],
  ['a url that is none', { url: 'nowhere' }, /"url" is not an absolute URL, or a path in a page/],
  ['a relative url without a page', { url: '/' }, /"url" is not an absolute URL/],
  ['an unknown option', { url, storge: 'local' }, /no option "storge"/],
  ['an option named as a member of every object', { url, toString: 1 }, /no option "toString"/],
  ['a storage by another name', { url, storage: 'localStorage' }, /"storage" is not 'memory'/],
  ['a storage that is the browser’s own', { url, storage: { getItem() {} } }, /"storage" is not/],
  ['a storage of nothing', { url, storage: null }, /"storage" is not/],
  ['a channel without a name', { url, channel: true }, /"channel" is not a name or false/],
  ['an origin instead of a list', { url, origins: 'https://a.example' }, /"origins" is not a list/],
  ['an origin that is none', { url, origins: ['a.example'] }, /"origins" is not a list of URLs/],
  ['no time at all', { url, timeout: 0 }, /"timeout" is not milliseconds/],
  ['endless time', { url, timeout: Number.POSITIVE_INFINITY }, /"timeout" is not milliseconds/],
  ['no function', { url, fetch: 'fetch' }, /"fetch" is not a function/],
  ['no clock', { url, now: 7 }, /"now" is not a function/],
];

for (const [name, options, message] of cases) {
  test(`${name}: ${message.source}`, () => {
    assert.throws(
      () => createClient(options as ClientOptions),
      (error) => error instanceof TypeError && message.test(error.message),
    );
  });
}

test('the value of an option, which may hold a password, is in no message', () => {
  assert.throws(
    () => createClient({ url: '//user:hunter2@' }),
    (error) => error instanceof TypeError && !/hunter2/.test(error.message),
  );
});

test('an option that is undefined is left out', () => {
  const options = { url, storage: undefined, channel: undefined, timeout: undefined };
  createClient(options as unknown as ClientOptions).close();
});

test('in a page the url may be relative', (t) => {
  openPage(t, { location: { value: { href: 'https://app.example/orders?id=1' } } });
  createClient({ url: '/' }).close();
});
