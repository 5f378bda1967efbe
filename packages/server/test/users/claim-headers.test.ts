/** Claims for the programs behind a proxy that asks for them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from '../../src/config/config.ts';
import { accountsOf } from '../security/support/accounts.ts';
import { forge, goodClaims, startService } from '../support/service.ts';

const PREFIX = 'x-gatepass-claim-';

test('GATEPASS_FORWARD_CLAIMS: a proxy gets each claim as a header, or a dash for a missing one', async (t) => {
  const service = await startService(t, {
    GATEPASS_FORWARD_CLAIMS: 'role, is_staff,groups,https://example.com/plan',
  });
  await service.register();
  const { setClaims } = await accountsOf(service);
  const ask = async () => {
    const { access } = (await service.login()).body;
    const headers = { authorization: `Bearer ${access}`, [`${PREFIX}role`]: 'superuser' };
    const answer = await service.send('/api/token/verify', { headers });
    assert.equal(answer.status, 200);
    return Object.fromEntries([...answer.headers].filter(([name]) => name.startsWith(PREFIX)));
  };
  const none = {
    [`${PREFIX}role`]: '-',
    [`${PREFIX}is-staff`]: '-',
    [`${PREFIX}groups`]: '-',
    [`${PREFIX}https-example-com-plan`]: '-',
  };
  assert.deepEqual(await ask(), none);
  await setClaims({
    role: 'admin',
    is_staff: true,
    groups: ['a', 'Бухгалтерия'],
    'https://example.com/plan': 'pro plan',
    secret: 'not listed',
  });
  assert.deepEqual(await ask(), {
    [`${PREFIX}role`]: 'admin',
    [`${PREFIX}is-staff`]: 'true',
    [`${PREFIX}groups`]:
      '["a","\\u0411\\u0443\\u0445\\u0433\\u0430\\u043b\\u0442\\u0435\\u0440\\u0438\\u044f"]',
    [`${PREFIX}https-example-com-plan`]: 'pro plan',
  });
});

test('CL01 no value can end its header or pass for another value', async (t) => {
  const service = await startService(t, { GATEPASS_FORWARD_CLAIMS: 'role' });
  const ask = async (role: unknown) => {
    const token = forge({ payload: { ...goodClaims(service.clock.now(), 7), role } });
    const headers = { authorization: `Bearer ${token}` };
    const answer = await service.send('/api/token/verify', { headers });
    assert.equal(answer.status, 200);
    const others = [...answer.headers.keys()].filter((name) => name.startsWith('x-gatepass-'));
    assert.deepEqual(others, [`${PREFIX}role`, 'x-gatepass-session-id', 'x-gatepass-user-id']);
    return answer.headers.get(`${PREFIX}role`);
  };
  const hostile = ['a\r\nx-gatepass-user-id: 1', 'a\nb', 'a\0', 'é', '\u2028', ' a', 'a ', '', '-'];
  const seen = new Set<string | null>();
  for (const role of [
    ...hostile,
    'true',
    true,
    'null',
    null,
    '1',
    1,
    '["a"]',
    ['a'],
    { a: 1 },
    'admin',
  ]) {
    const text = await ask(role);
    assert.match(text ?? '', /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/);
    assert.notEqual(text, '-');
    if (text !== 'admin') assert.deepEqual(JSON.parse(text ?? ''), role);
    seen.add(text);
  }
  assert.equal(seen.size, hostile.length + 10, 'two values look alike');
});

test('names that cannot be a claim or would share a header prevent the start', () => {
  for (const [value, says] of [
    ['role,exp', /names of claims/],
    ['a b', /names of claims/],
    ['a.b,a-b', /two claims whose header would be x-gatepass-claim-a-b/],
    ['Role,role', /two claims/],
  ] as const)
    assert.throws(() => readConfig({ GATEPASS_FORWARD_CLAIMS: value }), says);
});
