/** A second factor of an administrator holds at the admin listener too. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeAt, enrol, STEP } from '../mfa/support/holder.ts';
import { PASSWORD } from '../support/service.ts';
import { ADMIN, startAdministration } from './support/administration.ts';

test('MF01 an administrator with a second factor logs in with a code, each code once', async (t) => {
  const admin = await startAdministration(t);
  await admin.begin();
  const { access } = (await admin.login(ADMIN)).body;
  const { secret } = await enrol(admin, access);
  admin.clock.advance(STEP);
  const logIn = (code?: string) => {
    const body = { email: ADMIN, password: PASSWORD, code };
    return admin.ask('/api/admin/login', { method: 'POST', body });
  };
  const without = await logIn();
  assert.deepEqual([without.status, without.body.code], [401, 'second_factor_required']);
  assert.equal((await logIn('000000')).body.code, 'second_factor_invalid');
  const code = codeAt(secret, admin.clock.now());
  const all = await Promise.all(Array.from({ length: 10 }, () => logIn(code)));
  assert.equal(all.filter(({ status }) => status === 200).length, 1);
  const open = await admin.database.db.selectFrom('admin_sessions').selectAll().execute();
  assert.equal(open.length, 2, 'the first administrator, and the one success');
  const ordinary = await admin.ask('/api/admin/login', {
    method: 'POST',
    body: { email: ADMIN, password: 'granite otter 41', code },
  });
  assert.equal(ordinary.body.code, undefined, 'the password comes first');
});
