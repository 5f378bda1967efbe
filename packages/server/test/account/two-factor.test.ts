/** Second factors on the pages of an account, without scripts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeAt, STEP } from '../mfa/support/holder.ts';
import { PASSWORD } from '../support/service.ts';
import { codesIn, hiddenIn, secretIn, startWithVisitor, type Visitor } from './support/visitor.ts';

type Started = Awaited<ReturnType<typeof startWithVisitor>>;

/** Sets an app up, as a person does. */
async function setUp({ service, visitor }: Started) {
  const begun = await visitor.submit('two-factor', { do: 'add', name: 'Phone' });
  assert.equal(begun.status, 200, begun.text);
  const secret = secretIn(begun.text);
  const code = codeAt(secret, service.clock.now());
  const done = await visitor.submit('two-factor', { ...hiddenIn(begun.text), code });
  assert.equal(done.status, 200, done.text);
  service.clock.advance(STEP);
  return { secret, codes: codesIn(done.text), page: done.text };
}

const isIn = async (visitor: Visitor) => (await visitor.open('')).status === 200;

test('an app is set up with a QR code and its secret; a wrong code can be corrected', async (t) => {
  const started = await startWithVisitor(t);
  const { service, visitor } = started;
  await visitor.login();
  const begun = await visitor.submit('two-factor', { do: 'add', name: '<b>Phone' });
  assert.match(begun.text, /<svg [^>]*viewBox/);
  const secret = secretIn(begun.text);
  assert.match(secret, /^[A-Z2-7]{32}$/);
  const fields = hiddenIn(begun.text);
  const wrong = await visitor.submit('two-factor', { ...fields, code: '000000' });
  assert.equal(wrong.status, 400);
  assert.match(wrong.text, /role="alert"/);
  assert.equal(secretIn(wrong.text), secret, 'the same one, which an app may have by now');
  const code = codeAt(secret, service.clock.now());
  const done = await visitor.submit('two-factor', { ...hiddenIn(wrong.text), code });
  const codes = codesIn(done.text);
  assert.equal(new Set(codes).size, 10);
  const link = /href="data:text\/plain;charset=utf-8,([^"]+)"/.exec(done.text)?.[1] ?? '';
  for (const each of codes) assert.ok(decodeURIComponent(link).includes(each));
  const { text } = await visitor.open('two-factor');
  assert.match(text, /&lt;b&gt;Phone[\s\S]*Recovery codes left: 10/);
});

test('a login asks for a code, which works once, as does a recovery code', async (t) => {
  const started = await startWithVisitor(t);
  const { service, visitor } = started;
  await visitor.login();
  const { secret, codes } = await setUp(started);
  await visitor.submit('logout', {});
  const enter = async (code: string, next = '') => {
    const asked = await visitor.login({ next });
    assert.equal(asked.status, 200);
    assert.equal(await isIn(visitor), false, 'nothing is open before the code');
    return visitor.submit('login', { ...hiddenIn(asked.text), code });
  };
  const code = codeAt(secret, service.clock.now());
  assert.equal((await enter(` ${code.slice(0, 3)} ${code.slice(3)} `, '/app')).goesTo, '/app');
  assert.ok(await isIn(visitor));
  await visitor.submit('logout', {});
  const again = await enter(code);
  assert.equal(again.status, 400, 'spent');
  const [recovery = ''] = codes;
  const done = await visitor.submit('login', { ...hiddenIn(again.text), code: recovery });
  assert.equal(done.goesTo, './', 'the same challenge, another code');
  await visitor.submit('logout', {});
  assert.equal((await enter(recovery)).status, 400, 'spent');
});

test('a login that has expired begins again', async (t) => {
  const started = await startWithVisitor(t);
  const { service, visitor } = started;
  await visitor.login();
  const { secret } = await setUp(started);
  await visitor.submit('logout', {});
  const asked = await visitor.login();
  service.clock.advance(6 * 60_000);
  const code = codeAt(secret, service.clock.now());
  const late = await visitor.submit('login', { ...hiddenIn(asked.text), code });
  assert.equal(late.status, 400);
  assert.match(late.text, /name="password"/);
});

test('changes require a login of the last ten minutes, or the password and a code', async (t) => {
  const started = await startWithVisitor(t);
  const { service, visitor } = started;
  await visitor.login();
  const { secret } = await setUp(started);
  service.clock.advance(11 * 60_000);
  const list = await visitor.open('two-factor');
  assert.doesNotMatch(list.text, /name="do"/);
  assert.match(list.text, /href="confirm\?next=%2Faccount%2Ftwo-factor"/);
  const confirm = { next: '/account/two-factor', current_password: PASSWORD };
  for (const step of [{ do: 'add' }, { do: 'renew' }, { do: 'remove', id: '1', sure: 'yes' }])
    assert.match((await visitor.submit('two-factor', step)).goesTo ?? '', /^confirm\?next=/);
  assert.match((await visitor.open('confirm')).text, /name="code"/);
  assert.equal((await visitor.submit('confirm', confirm)).status, 400, 'without a code');
  const code = codeAt(secret, service.clock.now());
  assert.equal((await visitor.submit('confirm', { ...confirm, code })).goesTo, confirm.next);
  const renewed = await visitor.submit('two-factor', { do: 'renew' });
  assert.equal(codesIn(renewed.text).length, 10);
});

test('a factor is removed after a confirmation, and then the password alone logs in', async (t) => {
  const started = await startWithVisitor(t);
  const { service, visitor } = started;
  await visitor.login();
  await setUp(started);
  const fields = hiddenIn(
    /<li class="card">[\s\S]*?<\/li>/.exec((await visitor.open('two-factor')).text)?.[0] ?? '',
  );
  const question = await visitor.submit('two-factor', fields);
  assert.match(question.text, /Remove the second factor\?/);
  assert.equal((await service.login()).status, 401, 'still on');
  const done = await visitor.submit('two-factor', hiddenIn(question.text));
  assert.equal(done.goesTo, 'two-factor?done=removed');
  assert.equal((await service.login()).status, 200);
  for (const id of ['1', '99', 'x', ''])
    assert.equal(
      (await visitor.submit('two-factor', { do: 'remove', id, sure: 'yes' })).status,
      404,
    );
  assert.equal((await visitor.submit('two-factor', { do: 'something' })).status, 404);
});

test('with required factors a login opens no session before the first factor is set up', async (t) => {
  const started = await startWithVisitor(t, { GATEPASS_MFA: 'required', GATEPASS_MFA_GRACE: '0s' });
  const { service, visitor } = started;
  const asked = await visitor.login({ next: '/app' });
  const secret = secretIn(asked.text);
  assert.equal(await isIn(visitor), false);
  const wrong = await visitor.submit('login', { ...hiddenIn(asked.text), code: '000000' });
  assert.equal(secretIn(wrong.text), secret);
  const code = codeAt(secret, service.clock.now());
  const done = await visitor.submit('login', { ...hiddenIn(wrong.text), code });
  assert.equal(codesIn(done.text).length, 10);
  assert.match(done.text, /href="\/app"/);
  assert.ok(await isIn(visitor));
});

test('the page of a service without second factors says so', async (t) => {
  const { visitor } = await startWithVisitor(t, { GATEPASS_MFA: 'off' });
  await visitor.login();
  assert.match((await visitor.open('two-factor')).text, /no second factors/);
  assert.equal((await visitor.submit('two-factor', { do: 'add' })).status, 404);
});
