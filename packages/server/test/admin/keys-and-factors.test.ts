/** Signing keys, second factors of others, and invitations, by administrators and keys of programs. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { enrol } from '../mfa/support/holder.ts';
import { PASSWORD } from '../support/service.ts';
import { auditOf, startAdministration } from './support/administration.ts';

const KEYS = '/api/admin/signing-keys';

async function start(t: TestContext, variables: Record<string, string> = {}) {
  const service = await startAdministration(t, variables);
  const token = await service.begin();
  const get = (path: string, by = token) => service.ask(path, {}, by);
  const send = (method: string, path: string, body?: object, by = token) =>
    service.ask(path, { method, body }, by);
  const keyWith = async (...scopes: string[]): Promise<string> =>
    (await send('POST', '/api/admin/api_keys', { name: 'test', scopes })).body.key;
  return { ...service, token, get, sendAs: send, keyWith };
}

test('AD01 AD02 a second factor of an account is listed and removed with a confirmed password: sessions end, audited by its actor', async (t) => {
  const service = await start(t);
  const { get, sendAs: send, clock } = service;
  await service.register();
  const pair = (await service.login()).body;
  await enrol(service, pair.access);
  const path = '/api/admin/users/2/factors';
  const listed = (await get(path)).body;
  assert.equal(listed.recovery_codes_left, 10);
  const [factor] = listed.factors;
  assert.deepEqual([listed.factors.length, factor.type], [1, 'totp']);

  const reader = await service.keyWith('users:read');
  assert.equal((await get(path, reader)).status, 200);
  assert.equal((await send('DELETE', `${path}/${factor.id}`, undefined, reader)).status, 403);
  clock.advance(10 * 60_000);
  const refused = await send('DELETE', `${path}/${factor.id}`);
  assert.equal(refused.body.code, 'confirmation_required');
  await send('POST', '/api/admin/session/confirm', { current_password: PASSWORD });
  for (const unknown of ['0', '99', 'x', `0${factor.id}`])
    assert.equal((await send('DELETE', `${path}/${unknown}`)).status, 404, unknown);
  assert.equal((await send('DELETE', `/api/admin/users/1/factors/${factor.id}`)).status, 404);

  // As long as the numbers of passkeys are.
  const id = 2 ** 52 + 1;
  await service.database.db.updateTable('totp_factors').set({ id }).execute();
  assert.equal((await send('DELETE', `${path}/${id}`)).status, 204);
  assert.deepEqual((await get(path)).body, { factors: [], recovery_codes_left: 0 });
  assert.equal((await auditOf(service, 'factor.remove')).at(-1)?.actor, 'admin:1');
  assert.equal((await service.refresh(pair.refresh)).status, 401);
  assert.equal((await service.login()).status, 200);
});

test('AD01 AD02 signing keys are listed, and rotated with a confirmed password, like on the command line', async (t) => {
  const service = await start(t, { GATEPASS_SIGNING_ALG: 'EdDSA', GATEPASS_KEY_ROTATION: '30d' });
  const { get, sendAs: send, clock } = service;
  const kids = async () =>
    (await get(KEYS)).body.keys.map(({ kid, state }: { kid: string; state: string }) => [
      state,
      kid,
    ]);
  const before = await kids();
  assert.deepEqual(
    before.map(([state]: [string]) => state),
    ['current', 'current', 'next'],
  );
  assert.equal(before[0][1], 'hs256');
  assert.ok(!(await get(KEYS)).text.includes('secret'));

  const rotated = await send('POST', `${KEYS}/rotate`, { now: true });
  assert.equal(rotated.status, 200, rotated.text);
  const after = await kids();
  assert.equal(
    after.find(([state, kid]: string[]) => state === 'current' && kid !== 'hs256')?.[1],
    before[2][1],
  );
  assert.equal((await auditOf(service, 'key.rotate')).at(-1)?.actor, 'admin:1');
  // Once planned, a second request plans nothing more.
  assert.equal((await send('POST', `${KEYS}/rotate`)).status, 200);
  const planned = await kids();
  assert.equal((await send('POST', `${KEYS}/rotate`)).status, 200);
  assert.deepEqual(await kids(), planned);

  const other = await service.keyWith('users:write');
  assert.equal((await get(KEYS, other)).body.code, 'scope_missing');
  assert.equal((await send('POST', `${KEYS}/rotate`, { alg: 'none' })).status, 400);
  clock.advance(10 * 60_000);
  assert.equal((await send('POST', `${KEYS}/rotate`)).body.code, 'confirmation_required');
});

test('a rotation is refused and changes nothing while the secret signs', async (t) => {
  const { sendAs: send, get } = await start(t);
  const refused = await send('POST', `${KEYS}/rotate`);
  assert.deepEqual([refused.status, refused.body.code], [409, 'secret_does_not_rotate']);
  assert.deepEqual(
    (await get(KEYS)).body.keys.map(({ kid }: { kid: string }) => kid),
    ['hs256'],
  );
});

test('AD01 an invitation is shown once and works once, and an API key cannot create one', async (t) => {
  const service = await start(t);
  const { sendAs: send, clock } = service;
  const key = await service.keyWith('users:read', 'users:write', 'keys:write');
  const email = 'second@example.com';
  assert.equal(
    (await send('POST', '/api/admin/invitations', { email }, key)).body.code,
    'administrators_only',
  );
  const invited = await send('POST', '/api/admin/invitations', { email });
  assert.equal(invited.status, 201, invited.text);
  assert.equal(invited.body.expires_at, new Date(clock.now() + 24 * 3_600_000).toISOString());
  const { token } = invited.body;
  const accept = () =>
    service.ask('/api/admin/setup', { method: 'POST', body: { token, password: PASSWORD } });
  const accepted = await accept();
  assert.equal(accepted.status, 200, accepted.text);
  assert.equal((await service.ask('/api/admin/users', {}, accepted.body.token)).status, 200);
  assert.equal((await accept()).status, 400);
  assert.equal((await auditOf(service, 'admin.invite')).at(-1)?.actor, 'admin:1');
  assert.equal((await send('POST', '/api/admin/invitations', { email: 'x' })).status, 400);
});
