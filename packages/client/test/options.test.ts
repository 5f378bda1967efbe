/** Mistakes of the developer are a TypeError that names the option, at once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ClientOptions, createClient } from '../src/index.ts';
import { openPage } from './support/page.ts';

const url = 'https://id.example';
const cases: [string, unknown, string][] = [
  ['no options', undefined, 'url'],
  ['null', null, 'url'],
  ['no url', {}, 'url'],
  ['an undefined url', { url: undefined }, 'url'],
  ['an empty url', { url: '' }, 'url'],
  ['a url that is none', { url: 'nowhere' }, 'url'],
  ['a relative url without a page', { url: '/' }, 'url'],
  ['an unknown option', { url, storge: 'local' }, 'storge'],
  ['an option named as a member of every object', { url, toString: 1 }, 'toString'],
  ['a storage by another name', { url, storage: 'localStorage' }, 'storage'],
  ['a storage that is the browser’s own', { url, storage: { getItem() {} } }, 'storage'],
  ['a storage of nothing', { url, storage: null }, 'storage'],
  ['a channel without a name', { url, channel: true }, 'channel'],
  ['an origin instead of a list', { url, origins: 'https://a.example' }, 'origins'],
  ['an origin that is none', { url, origins: ['a.example'] }, 'origins'],
  ['no time at all', { url, timeout: 0 }, 'timeout'],
  ['endless time', { url, timeout: Number.POSITIVE_INFINITY }, 'timeout'],
  ['no function', { url, fetch: 'fetch' }, 'fetch'],
  ['no clock', { url, now: 7 }, 'now'],
];

for (const [name, options, option] of cases) {
  test(`${name}: the error names ${option}`, () => {
    const message = `Gatepass: unusable option "${option}"`;
    assert.throws(
      () => createClient(options as ClientOptions),
      (error) => error instanceof TypeError && error.message === message,
    );
  });
}

test('no message contains the value of an option', () => {
  assert.throws(
    () => createClient({ url: '//user:hunter2@' }),
    (error) => error instanceof TypeError && !/hunter2/.test(error.message),
  );
});

test('an undefined option counts as absent', () => {
  const options = { url, storage: undefined, channel: undefined, timeout: undefined };
  createClient(options as unknown as ClientOptions).close();
});

test('in a page the url may be relative', (t) => {
  openPage(t, { location: { value: { href: 'https://app.example/orders?id=1' } } });
  createClient({ url: '/' }).close();
});
