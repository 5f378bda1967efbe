/** The part for mailed links and codes, against the real service and a real mail server. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { linkOf, startMailed } from '../../server/test/recovery/support/mailed.ts';
import {
  activate,
  changeEmail,
  confirmEmail,
  requestPasswordReset,
  resendActivation,
  resetPassword,
  undoEmail,
} from '../src/recovery.ts';
import { createDevice, EMAIL, PASSWORD, startWithAlice } from './support/device.ts';

const NEW_PASSWORD = 'granite otter parade 41';

async function startAlice(t: TestContext, variables: Record<string, string> = {}) {
  const service = await startMailed(t, variables);
  const device = createDevice(t, service);
  await device.client.register(EMAIL, PASSWORD);
  return { service, ...device };
}

const withFields = (...names: string[]) => ({
  name: 'GatepassError',
  code: 'invalid_fields',
  message: `Invalid fields (400 ${names.join(' ')})`,
});

test('a forgotten password is reset by link or code, without a login', async (t) => {
  const { service, client } = await startAlice(t);
  await client.login(EMAIL, PASSWORD);
  await requestPasswordReset(client, 'nobody@example.com');
  await requestPasswordReset(client, EMAIL);
  const link = linkOf(await service.nextMail());
  await assert.rejects(resetPassword(client, link, '12345678'), withFields('new_password'));
  await resetPassword(client, link, NEW_PASSWORD);
  await assert.rejects(client.user(), { code: 'session_ended' });
  assert.equal(client.isLoggedIn, false);
  await assert.rejects(resetPassword(client, link, PASSWORD), withFields('token'));
  await client.login(EMAIL, NEW_PASSWORD);

  await requestPasswordReset(client, EMAIL);
  const { code } = await service.nextMail();
  const wrong = { email: EMAIL, code: code === '00000000' ? '00000001' : '00000000' };
  await assert.rejects(resetPassword(client, wrong, PASSWORD), withFields('code'));
  await resetPassword(client, { email: EMAIL, code }, PASSWORD);
  await client.login(EMAIL, PASSWORD);
  await assert.rejects(requestPasswordReset(client, 'no address'), withFields('email'));
});

test('a new account is activated by the link or the code of the newest mail', async (t) => {
  const { service, client } = await startAlice(t, { GATEPASS_EMAIL_VERIFICATION: 'required' });
  const first = linkOf(await service.nextMail());
  await assert.rejects(client.login(EMAIL, PASSWORD), { reason: 'email_not_verified' });
  await resendActivation(client, EMAIL);
  const { code } = await service.nextMail();
  await assert.rejects(activate(client, first), withFields('token'));
  await activate(client, { email: EMAIL, code });
  assert.equal(client.isLoggedIn, false);
  await client.login(EMAIL, PASSWORD);
});

test('an address is changed, confirmed and undone', async (t) => {
  const { service, client } = await startAlice(t);
  await assert.rejects(changeEmail(client, 'new@example.com', PASSWORD), { code: 'not_logged_in' });
  await client.login(EMAIL, PASSWORD);
  await assert.rejects(
    changeEmail(client, 'new@example.com', 'not her password'),
    withFields('current_password'),
  );
  await changeEmail(client, 'new@example.com', PASSWORD);
  await confirmEmail(client, linkOf(await service.nextMail()));
  assert.equal((await client.user()).email, 'new@example.com');
  await undoEmail(client, linkOf(await service.nextMail()));
  await assert.rejects(client.user(), { code: 'session_ended' });
  await client.login(EMAIL, PASSWORD);
});

test('a service without mail and an invalid client are reported', async (t) => {
  const { client } = createDevice(t, await startWithAlice(t));
  await assert.rejects(requestPasswordReset(client, EMAIL), {
    code: 'unexpected',
    reason: 'no_mail',
  });
  await assert.rejects(requestPasswordReset({ ...client }, EMAIL), TypeError);
});
