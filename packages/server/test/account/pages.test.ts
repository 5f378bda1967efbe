/** The pages of an account as a browser without scripts sees them, and as attackers do. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PASSWORD, startService } from '../support/service.ts';
import { PUBLIC, startWithVisitor, visitorOf } from './support/visitor.ts';

const PAGES = ['', 'password', 'sessions', 'two-factor', 'confirm'];
const NEW_PASSWORD = 'granite otter parade 41';

test('a page that needs a login shows the login page and returns afterwards', async (t) => {
  const { visitor } = await startWithVisitor(t);
  for (const page of PAGES) {
    const { status, goesTo } = await visitor.open(page);
    assert.equal(status, 303, page);
    assert.equal(goesTo, `login?next=${encodeURIComponent(`/account/${page}`)}`);
  }
  const asked = await visitor.open('login?next=%2Faccount%2Fsessions');
  assert.match(asked.text, /name="next" value="\/account\/sessions"/);
  const done = await visitor.login({ next: '/account/sessions' });
  assert.deepEqual([done.status, done.goesTo], [303, '/account/sessions']);
  for (const page of PAGES) assert.equal((await visitor.open(page)).status, 200, page);
  assert.equal((await visitor.open('login')).goesTo, './', 'logged in already');
});

test('URLs with a missing or an extra slash redirect to the page', async (t) => {
  const { service, visitor } = await startWithVisitor(t);
  const { headers } = await service.send('/account');
  assert.equal(headers.get('location'), 'account/');
  assert.equal((await visitor.open('sessions/')).goesTo, '../sessions');
});

test('pages of an account have no CORS, even for listed origins', async (t) => {
  const listed = 'https://app.example.com';
  const { visitor } = await startWithVisitor(t, {
    GATEPASS_CORS_ORIGINS: listed,
    GATEPASS_COOKIE_ORIGINS: listed,
  });
  await visitor.login();
  for (const page of [...PAGES, 'login']) {
    const { headers } = await visitor.open(page, {
      origin: listed,
      'sec-fetch-site': 'same-site',
    });
    assert.equal(headers.get('access-control-allow-origin'), null, page);
    assert.equal(headers.get('access-control-allow-credentials'), null, page);
  }
});

test('a login never redirects to another origin', async (t) => {
  const hostile = [
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    '/.//evil.example',
    '/..//evil.example',
    '/a/..//evil.example',
    '/%2e//evil.example',
    'javascript:alert(1)',
    ' //evil.example',
    `/${'a'.repeat(600)}`,
    'sessions',
  ];
  const { visitor } = await startWithVisitor(t);
  for (const next of hostile) {
    const { goesTo } = await visitor.login({ next });
    assert.equal(goesTo, './', JSON.stringify(next));
    const asked = await visitor.open(`confirm?next=${encodeURIComponent(next)}`);
    assert.match(asked.text, /name="next" value=""/, JSON.stringify(next));
  }
  assert.equal((await visitor.login({ next: '/app/a?b=c' })).goesTo, '/app/a?b=c');
});

test('forms are accepted from our own pages only, not from other pages or programs', async (t) => {
  const { service, visitor } = await startWithVisitor(t);
  await visitor.login();
  const refused: Record<string, string>[] = [
    {},
    { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
    { 'sec-fetch-site': 'same-site', origin: 'https://app.example.com' },
    { 'sec-fetch-site': 'none' },
    { origin: 'null' },
    { origin: 'https://evil.example' },
    { 'sec-fetch-site': 'cross-site', origin: PUBLIC },
  ];
  const forms = [
    ['login', { name: 'alice@example.com', password: PASSWORD }],
    ['logout', {}],
    ['password', { current_password: PASSWORD, new_password: NEW_PASSWORD }],
    ['sessions', { scope: 'others' }],
    ['two-factor', { do: 'add' }],
    ['confirm', { current_password: PASSWORD }],
  ] as const;
  const counts = () => service.database.db.selectFrom('sessions').selectAll().execute();
  const before = await counts();
  for (const headers of refused)
    for (const [page, fields] of forms) {
      const { status, text } = await visitor.submit(page, fields, headers);
      assert.equal(status, 403, `${page} ${JSON.stringify(headers)}`);
      assert.match(
        text,
        /^<!doctype html>[\s\S]*Requests from pages of other sites are not accepted/,
      );
    }
  assert.deepEqual(await counts(), before);
  // An old browser, without Fetch Metadata.
  const old = await visitor.submit('logout', {}, { origin: PUBLIC });
  assert.equal(old.goesTo, 'login');
  assert.equal((await visitor.open('')).status, 303);
});

test('pages cannot be framed or stored, and run only our own scripts', async (t) => {
  const { visitor } = await startWithVisitor(t);
  const login = await visitor.open('login');
  await visitor.login();
  const all = [login, ...(await Promise.all(PAGES.map((page) => visitor.open(page))))];
  for (const { headers, text } of all) {
    const policy = headers.get('content-security-policy') ?? '';
    assert.match(policy, /default-src 'none'.*frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /unsafe/);
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.equal(headers.get('referrer-policy'), 'same-origin');
    assert.equal(headers.get('x-frame-options'), 'DENY');
    assert.doesNotMatch(text, /<script>|style=|onclick/);
  }
});

test('a page names the missing setting when browsers cannot keep the cookie', async (t) => {
  const service = await startService(t, { GATEPASS_PUBLIC_URL: '' });
  const visitor = visitorOf(service);
  for (const page of ['login', ...PAGES]) {
    const { status, text } = await visitor.open(page);
    assert.equal(status, 404, page);
    assert.match(text, /GATEPASS_PUBLIC_URL/);
  }
  assert.equal((await visitor.login()).status, 404);
});

test('a failed login neither reveals what was wrong nor shows the password again', async (t) => {
  const { visitor } = await startWithVisitor(t, { GATEPASS_RATE_LIMITS: 'on' });
  const wrong = await visitor.login({ password: 'wrong otter 41' });
  const unknown = await visitor.login({ name: 'bob@example.com' });
  for (const { status, text } of [wrong, unknown]) {
    assert.equal(status, 400);
    assert.match(text, /The name or the password is wrong/);
    assert.doesNotMatch(text, /otter|horse/);
  }
  assert.equal((await visitor.login({ name: '"><script>alert(1)</script>' })).status, 400);
  assert.equal((await visitor.login({ name: 'a\0b', password: 'a\0b' })).status, 400);
  let last = wrong;
  for (let i = 0; i < 30 && last.status !== 429; i++)
    last = await visitor.login({ password: 'wrong' });
  assert.equal(last.status, 429);
  assert.ok(Number(last.headers.get('retry-after')) > 0);
  assert.match(last.text, /role="alert"/);
});

test('the overview names the account, in the language of the browser; logging out ends its session', async (t) => {
  const { service, visitor } = await startWithVisitor(t);
  await visitor.login();
  const { text } = await visitor.open('', { 'accept-language': 'ru' });
  assert.match(text, /<html lang="ru">[\s\S]*Учётная запись[\s\S]*alice@example\.com/);
  assert.equal((await visitor.submit('logout', {})).goesTo, 'login');
  assert.equal((await visitor.open('')).status, 303);
  const open = service.database.db
    .selectFrom('sessions')
    .select('id')
    .where('ended_at', 'is', null);
  assert.deepEqual(await open.execute(), []);
});

test('a new password ends the other sessions and keeps this one', async (t) => {
  const { service, visitor } = await startWithVisitor(t);
  const other = (await service.login()).body;
  await visitor.login();
  const change = (fields: Record<string, string>) => visitor.submit('password', fields);
  for (const [fields, said] of [
    [{}, /required/],
    [{ current_password: 'wrong', new_password: NEW_PASSWORD }, /role="alert"/],
    [{ current_password: PASSWORD, new_password: '12345678' }, /role="alert"/],
  ] as const) {
    const { status, text } = await change(fields);
    assert.equal(status, 400);
    assert.match(text, said);
    assert.doesNotMatch(text, /12345678|otter/);
  }
  const done = await change({ current_password: PASSWORD, new_password: NEW_PASSWORD });
  assert.equal(done.goesTo, 'password?done');
  assert.match((await visitor.open('password?done')).text, /role="status"/);
  assert.equal((await service.refresh(other.refresh)).status, 401);
  assert.equal((await service.login('alice@example.com', NEW_PASSWORD)).status, 200);
});

test('sessions are listed with their details and ended one by one or all at once', async (t) => {
  const { service, visitor } = await startWithVisitor(t);
  const agents = [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1',
    '<script>alert(1)</script>',
  ];
  const pairs = [];
  for (const agent of agents) {
    const credentials = { email: 'alice@example.com', password: PASSWORD };
    pairs.push((await service.post('/api/token', credentials, { 'user-agent': agent })).body);
  }
  await service.register('bob@example.com');
  await service.login('bob@example.com');
  await visitor.login();
  const { text } = await visitor.open('sessions');
  assert.match(text, /Safari · iPhone/);
  assert.doesNotMatch(text, /<script>alert/);
  assert.equal(text.match(/This session/g)?.length, 1);
  const ids = [...text.matchAll(/name="id" value="([^"]+)"/g)].map(([, id = '']) => id);
  assert.equal(ids.length, 2);
  const foreign = await service.database.db
    .selectFrom('sessions')
    .select('id')
    .where('user_id', '=', 2)
    .executeTakeFirstOrThrow();
  for (const id of [foreign.id, '', 'nothing', 'a\0b'])
    assert.equal((await visitor.submit('sessions', { id })).status, 404);
  assert.equal(
    (await visitor.submit('sessions', { id: ids[0] ?? '' })).goesTo,
    'sessions?done=one',
  );
  assert.equal((await visitor.open('sessions')).text.match(/name="id"/g)?.length, 1);
  const all = await visitor.submit('sessions', { scope: 'others' });
  assert.equal(all.goesTo, 'sessions?done=others');
  for (const { refresh } of pairs) assert.equal((await service.refresh(refresh)).status, 401);
  assert.match((await visitor.open('sessions')).text, /no other sessions/);
});

test('ending all other sessions requires the password ten minutes after the login', async (t) => {
  const { service, visitor } = await startWithVisitor(t);
  await service.login();
  await visitor.login();
  service.clock.advance(11 * 60_000);
  const asked = await visitor.submit('sessions', { scope: 'others' });
  assert.equal(asked.goesTo, `confirm?next=${encodeURIComponent('/account/sessions')}`);
  assert.match((await visitor.open('sessions')).text, /name="id"/, 'nothing has ended');
  const next = '/account/sessions';
  assert.equal((await visitor.submit('confirm', { next, current_password: 'no' })).status, 400);
  const confirmed = await visitor.submit('confirm', { next, current_password: PASSWORD });
  assert.equal(confirmed.goesTo, next);
  assert.equal((await visitor.submit('sessions', { scope: 'others' })).status, 303);
  assert.match((await visitor.open('sessions')).text, /no other sessions/);
});
