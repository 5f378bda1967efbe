/** The client of a request, whatever its headers (docs/security-cases.md, RL02 to RL04). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FastifyRequest } from 'fastify';
import { ConfigError, readConfig } from '../../src/config/config.ts';
import { networkOf, readAddress } from '../../src/config/network-address.ts';
import { createAddressOf } from '../../src/http/request/client-address.ts';

const networkOfText = (text: string) => networkOf(readAddress(text) ?? '');

test('RL04 every address has one spelling, and a v4-mapped address is IPv4', () => {
  const one = ['2001:db8::1', '2001:DB8:0:0::1', '2001:0db8:0000:0000:0000:0000:0000:0001'];
  assert.deepEqual([...new Set(one.map(readAddress))], ['2001:db8::1']);
  const four = ['192.0.2.1', '::ffff:192.0.2.1', '::FFFF:c000:0201', '0:0:0:0:0:ffff:c000:201'];
  assert.deepEqual([...new Set(four.map(readAddress))], ['192.0.2.1']);
  assert.equal(readAddress('fe80::1%eth0'), 'fe80::1');
  for (const none of ['', 'localhost', '1.2.3', '1.2.3.4.5', '01.2.3.4', '::1::', 'x', '1.2.3.256'])
    assert.equal(readAddress(none), undefined, none);
});

test('RL04 a network is an IPv4 address or the /64 of an IPv6 address', () => {
  const inside = ['2001:db8:1:2::1', '2001:db8:1:2:ffff::', '2001:db8:1:2:3:4:5:6'];
  assert.deepEqual([...new Set(inside.map(networkOfText))], ['2001:db8:1:2::/64']);
  assert.equal(networkOfText('2001:db8::5'), '2001:db8:0:0::/64');
  assert.equal(networkOfText('::1'), '0:0:0:0::/64');
  assert.equal(networkOfText('1:2:3:4:5:6:7::'), '1:2:3:4::/64');
  assert.notEqual(networkOfText('2001:db8:1:3::1'), networkOfText('2001:db8:1:2::1'));
  assert.notEqual(networkOfText('::ffff:192.0.2.1'), networkOfText('::ffff:192.0.2.2'));
});

const request = (peer: string | undefined, forwarded?: string) =>
  ({
    socket: { remoteAddress: peer },
    headers: {
      ...(forwarded !== undefined && { 'x-forwarded-for': forwarded }),
      'x-real-ip': '203.0.113.66',
      forwarded: 'for=203.0.113.66',
      x_forwarded_for: '203.0.113.66',
    },
  }) as unknown as FastifyRequest;

test('RL02 a stranger’s headers do not change its address', () => {
  const told: string[] = [];
  const addressOf = createAddressOf([], (peer) => told.push(peer));
  assert.equal(addressOf(request('198.51.100.7', '203.0.113.1')), '198.51.100.7');
  assert.equal(addressOf(request('::ffff:198.51.100.7', '203.0.113.1')), '198.51.100.7');
  assert.deepEqual(told, [], 'a stranger who tries is no proxy that was forgotten');
  assert.equal(addressOf(request('127.0.0.1', '203.0.113.1')), '127.0.0.1');
  assert.equal(addressOf(request('127.0.0.1', '203.0.113.2')), '127.0.0.1');
  assert.deepEqual(told, ['127.0.0.1'], 'told once');
  assert.equal(addressOf(request(undefined, '203.0.113.1')), '', 'a client that has gone');
});

test('RL03 behind trusted proxies the client is the right-most address that is not one of them', () => {
  const addressOf = createAddressOf(['10.0.0.0/8', '2001:db8:ffff::/48', '192.0.2.9']);
  const cases: [peer: string, forwarded: string | undefined, client: string][] = [
    ['10.0.0.1', '203.0.113.1', '203.0.113.1'],
    ['10.0.0.1', '198.51.100.99, 203.0.113.1', '203.0.113.1'],
    ['10.0.0.1', '203.0.113.1, 10.9.9.9,192.0.2.9', '203.0.113.1'],
    ['::ffff:10.0.0.1', '203.0.113.1', '203.0.113.1'],
    ['2001:db8:ffff::1', '::ffff:203.0.113.1', '203.0.113.1'],
    ['10.0.0.1', '2001:DB8:0:0::1', '2001:db8::1'],
    ['10.0.0.1', '203.0.113.1:5000', '203.0.113.1'],
    ['10.0.0.1', '[2001:db8::1]:5000', '2001:db8::1'],
    ['10.0.0.1', '10.0.0.2', '10.0.0.2'],
    ['10.0.0.1', undefined, '10.0.0.1'],
    // Past the proxy.
    ['203.0.113.5', '203.0.113.1', '203.0.113.5'],
    ['192.0.2.10', '203.0.113.1', '192.0.2.10'],
    // No address: the nearest proxy that is known.
    ['10.0.0.1', '', '10.0.0.1'],
    ['10.0.0.1', 'unknown', '10.0.0.1'],
    ['10.0.0.1', '203.0.113.1, _hidden, 10.0.0.2', '10.0.0.2'],
    ['10.0.0.1', '203.0.113.1,', '10.0.0.1'],
    ['10.0.0.1', `203.0.113.1, ${'9'.repeat(10_000)}`, '10.0.0.1'],
    ['10.0.0.1', ',,,,', '10.0.0.1'],
  ];
  for (const [peer, forwarded, client] of cases)
    assert.equal(addressOf(request(peer, forwarded)), client, `${peer} ${forwarded?.slice(0, 60)}`);
});

test('a list of proxies is accepted or refused as a whole', () => {
  const read = (text: string) => readConfig({ GATEPASS_TRUSTED_PROXIES: text }).trustedProxies;
  assert.deepEqual(read(''), []);
  assert.deepEqual(read('127.0.0.1, 10.0.0.0/8,::1,fd00::/8'), [
    ...['127.0.0.1', '10.0.0.0/8', '::1', 'fd00::/8'],
  ]);
  for (const bad of ['10.0.0.0/33', '::/129', 'localhost', '10.0.0.0/', '10/8', '1.2.3.4,', '*'])
    assert.throws(() => read(bad), ConfigError, bad);
});
