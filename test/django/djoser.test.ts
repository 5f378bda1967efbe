/** The same requests to a real djoser and to Gatepass: recovery of accounts, as djoser has it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { simpleParser } from 'mailparser';
import { startMailed } from '../../packages/server/test/recovery/support/mailed.ts';
import { workDirectory } from '../../packages/server/test/support/process.ts';
import { until } from '../../packages/server/test/support/until.ts';
import { rowsOf } from '../support/markdown.ts';
import { NEWEST, startDjango } from './django.ts';
import { ACTIVATION, CASES, type Case, DIFFERENCES, type Known } from './djoser/cases.ts';

const EMAIL = 'alice@example.com';
const PASSWORD = 'correct horse 9 battery';
const hasDjoser = spawnSync(NEWEST.python, ['-c', 'import djoser']).status === 0;
const skip = NEWEST.missing || (!hasDjoser && 'needs test/django/make-venv.sh, which has djoser');
const NO_LINK = { uid: '', token: '' };

const linkIn = (text: string) => {
  const [, uid = '', token = ''] = /uid=([\w-]+)&token=([\w-]+)/.exec(text) ?? [];
  return { uid, token };
};

type Side = {
  ask(one: Case, known: Known): Promise<{ status: number; body: unknown }>;
  /** All links that were mailed to the address, in order. */
  links(email: string): Promise<readonly { uid: string; token: string }[]>;
  /** Waits until no mail is on its way. */
  settle(): Promise<unknown>;
};

function askingAt(url: string, suffix: string, login: (known: Known) => Promise<string>) {
  return async ({ path, method = 'POST', body, isBearer }: Case, known: Known) => {
    const access = isBearer ? await login(known) : undefined;
    const response = await fetch(`${url}/api/users/${path}${suffix}`, {
      method,
      headers: {
        'content-type': 'application/json',
        ...(access && { authorization: `Bearer ${access}` }),
      },
      body: method === 'POST' ? JSON.stringify(body?.(known) ?? {}) : null,
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type') === 'application/json';
    return { status: response.status, body: isJson ? JSON.parse(text) : text && '<html>' };
  };
}

const logInAt = async (url: string, { email, password }: Known) => {
  const response = await fetch(`${url}/api/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  });
  const { access } = (await response.json()) as { access?: string };
  return access ?? '';
};

async function startDjoser(t: TestContext, isActive: boolean): Promise<Side> {
  const directory = await workDirectory(t);
  const mails = join(directory, 'mails');
  await mkdir(mails);
  const secret = randomBytes(32).toString('hex');
  const settings = {
    DJANGO_HASHERS: 'MD5',
    DJANGO_MAILS: mails,
    DJANGO_SETTINGS_MODULE: 'djoser_settings',
  };
  const django = await startDjango(t, join(directory, 'db.sqlite3'), secret, settings, NEWEST);
  const made = django.shell(
    `
from accounts.models import User
for email in ["${EMAIL}", "taken@example.com"]:
    user = User(username=email, email=email, is_active=${isActive ? 'True' : 'False'})
    user.set_password("${PASSWORD}")
    user.save()
`,
    {},
  );
  assert.equal(made.code, 0, made.stderr);
  return {
    ask: askingAt(django.url, '/', (known) => logInAt(django.url, known)),
    async links(email) {
      const names = (await readdir(mails)).sort();
      const texts = await Promise.all(names.map((name) => readFile(join(mails, name), 'utf8')));
      const parsed = await Promise.all(
        texts.flatMap((text) => text.split(/^-{79}$/m)).map((text) => simpleParser(text)),
      );
      const own = parsed.filter(({ to }) => to && !Array.isArray(to) && to.text === email);
      return own.map(({ text = '' }) => linkIn(text)).filter(({ token }) => token);
    },
    settle: async () => {},
  };
}

async function startOurs(t: TestContext, variables: Record<string, string> = {}): Promise<Side> {
  const service = await startMailed(t, {
    GATEPASS_RESET_URL: 'https://app.example.com/reset?uid={uid}&token={token}',
    GATEPASS_ACTIVATION_URL: 'https://app.example.com/activate?uid={uid}&token={token}',
    ...variables,
  });
  for (const email of [EMAIL, 'taken@example.com']) await service.register(email, PASSWORD);
  const left = () => service.database.db.selectFrom('outbox').select('id').execute();
  return {
    ask: askingAt(service.url, '', (known) => logInAt(service.url, known)),
    async links(email) {
      const own = service.smtp.received.filter(({ to }) => to.join() === email);
      const parsed = await Promise.all(own.map(({ raw }) => simpleParser(raw)));
      return parsed.map(({ text = '' }) => linkIn(text)).filter(({ token }) => token);
    },
    settle: () => until('all mail has left', async () => (await left()).length === 0),
  };
}

/** Asks both sides every case. @returns the titles of the differences that were seen */
async function compare(cases: readonly Case[], theirs: Side, ours: Side): Promise<Set<string>> {
  const seen = new Set<string>();
  let password = PASSWORD;
  const answerOf = async (side: Side, one: Case) => {
    await side.settle();
    const [earlier = NO_LINK, link = earlier] = (await side.links(EMAIL)).slice(-2);
    return side.ask(one, { email: EMAIL, password, link, earlier });
  };
  for (const one of cases) {
    const [djoser, gatepass] = [await answerOf(theirs, one), await answerOf(ours, one)];
    const isAlike = isDeepStrictEqual(djoser, gatepass);
    const text = `${one.name}: ${JSON.stringify(djoser)} and ${JSON.stringify(gatepass)}`;
    if (one.difference === undefined) assert.ok(isAlike, text);
    else seen.add(one.difference);
    if (one.name === 'a confirmation') {
      assert.equal(gatepass.status, 204, text);
      password = 'granite otter parade 41';
    }
  }
  return seen;
}

test('djoser and Gatepass respond alike, except for the documented differences', {
  skip,
}, async (t) => {
  const recovery = await compare(CASES, await startDjoser(t, true), await startOurs(t));
  const activation = await compare(
    ACTIVATION,
    await startDjoser(t, false),
    await startOurs(t, { GATEPASS_EMAIL_VERIFICATION: 'required' }),
  );
  assert.deepEqual([...recovery, ...activation].sort(), Object.keys(DIFFERENCES).sort());
});

test('docs/differences-from-djoser.md has the table of the differences', async () => {
  const page = new URL('../../docs/differences-from-djoser.md', import.meta.url);
  const rows = rowsOf(await readFile(page, 'utf8'));
  const expected = Object.entries(DIFFERENCES).map(([title, { djoser, gatepass, why }]) => [
    title,
    djoser,
    gatepass,
    why,
  ]);
  assert.deepEqual(rows.slice(1), expected);
});
