/** A session that has ended changes no factor, even if its request came in before the end. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { claimsOf, PASSWORD, type Service, startService } from '../support/service.ts';
import { createAuthenticator } from './support/authenticator.ts';
import { ask, codeAt, type Pair } from './support/holder.ts';
import { addPasskey, SITE, WITH_SITE } from './support/key-holder.ts';

const REMEDIES: Readonly<Record<string, (service: Service, owner: Pair) => Promise<number>>> = {
  async 'the password was changed'(service, { access }) {
    const body = { current_password: PASSWORD, new_password: 'granite otter parade 41' };
    return (await ask(service, 'POST', 'password', access, body)).status;
  },
  async 'all sessions were ended'(service, { access }) {
    const headers = { authorization: `Bearer ${access}` };
    return (await service.send('/api/sessions?scope=all', { method: 'DELETE', headers })).status;
  },
};

/** Sends a request without the end of its body. @returns a function that sends the end */
async function begin(service: Service, method: string, path: string, access: string, body: object) {
  const text = JSON.stringify(body);
  const socket = connect(service.port, '127.0.0.1');
  let received = '';
  socket.setEncoding('utf8').on('data', (data: string) => {
    received += data;
  });
  const closed = new Promise((resolve) => socket.once('close', resolve));
  await new Promise<void>((resolve) => {
    socket.write(
      [
        `${method} /api/users/me/${path} HTTP/1.1`,
        ...['Host: x', 'Connection: close', `Authorization: Bearer ${access}`],
        ...['Content-Type: application/json', `Content-Length: ${text.length}`],
        ...['', text.slice(0, -1)],
      ].join('\r\n'),
      () => resolve(),
    );
  });
  // Later requests have been admitted, so this one has been too.
  for (let i = 0; i < 3; i++) assert.equal((await service.me(access)).status, 200);
  return async () => {
    socket.write(text.slice(-1));
    await closed;
    return { status: Number(received.split(' ')[1]), text: received };
  };
}

/** Each prepares a change of factors, as a thief with a token of the session would make it. */
const CHANGES = {
  async 'a passkey'(service: Service, { access }: Pair) {
    const { challenge, public_key } = (
      await ask(service, 'POST', 'factors/passkeys/options', access)
    ).body;
    const credential = createAuthenticator(SITE).create(public_key);
    return ['POST', 'factors/passkeys', { challenge, credential }] as const;
  },
  async 'an app'(service: Service, { access }: Pair) {
    const { secret } = (await ask(service, 'POST', 'factors/totp', access, {})).body;
    const code = codeAt(secret, service.clock.now());
    return ['POST', 'factors/totp/confirm', { code }] as const;
  },
};

const factorsOf = async (service: Service) => [
  ...(await service.database.db.selectFrom('passkeys').select('id').execute()),
  ...(await service.database.db
    .selectFrom('totp_factors')
    .select('id')
    .where('confirmed_at', 'is not', null)
    .execute()),
];

async function start(t: TestContext) {
  const service = await startService(t, WITH_SITE);
  await service.register();
  const thief: Pair = (await service.login()).body;
  const owner: Pair = (await service.login()).body;
  return { service, thief, owner };
}

const args = async (
  service: Service,
  thief: Pair,
  prepare: (typeof CHANGES)['an app' | 'a passkey'],
) => {
  const [method, path, body] = await prepare(service, thief);
  return [method, path, thief.access, body] as const;
};

for (const [what, prepare] of Object.entries(CHANGES)) {
  for (const [why, remedy] of Object.entries(REMEDIES)) {
    test(`a request that adds ${what} is refused if ${why} before its body arrives`, async (t) => {
      const { service, thief, owner } = await start(t);
      const finish = await begin(service, ...(await args(service, thief, prepare)));
      assert.ok((await remedy(service, owner)) < 300);
      const { status, text } = await finish();
      assert.equal(status, 401, text);
      assert.deepEqual(await factorsOf(service), []);
    });
  }
}

test('a request that removes a factor or renews codes is refused if the session ends before its body arrives', async (t) => {
  const service = await startService(t, WITH_SITE);
  await service.register();
  const { access }: Pair = (await service.login()).body;
  const { id } = await addPasskey(service, access);
  const codes = () => service.database.db.selectFrom('recovery_codes').select('hash').execute();
  const before = await codes();
  const finishes = [
    await begin(service, 'DELETE', `factors/${id}`, access, {}),
    await begin(service, 'POST', 'factors/recovery_codes', access, {}),
  ];
  const headers = { authorization: `Bearer ${access}` };
  const ended = await service.send('/api/sessions?scope=all', { method: 'DELETE', headers });
  assert.equal(ended.status, 204, ended.text);
  for (const finish of finishes) assert.equal((await finish()).status, 401);
  assert.equal((await factorsOf(service)).length, 1);
  assert.deepEqual(await codes(), before);
});

for (const [where, end] of Object.entries({
  async 'in its row'({ database, clock }: Service, id: string) {
    await database.db
      .updateTable('sessions')
      .set({ ended_at: clock.now() })
      .where('id', '=', id)
      .execute();
  },
  async 'by a new series of the account'({ database }: Service, _id: string) {
    await database.db.updateTable('users').set({ session_series: 9 }).execute();
  },
}))
  test(`a session that another node has just ended, ${where}, changes no factor`, async (t) => {
    const { service, thief } = await start(t);
    const kept = await addPasskey(service, thief.access);
    const bodies = await Promise.all(
      Object.values(CHANGES).map((prepare) => args(service, thief, prepare)),
    );
    await end(service, String(claimsOf(thief.access)['sid']));
    assert.equal((await service.me(thief.access)).status, 200, 'this node has not heard of it');
    for (const [method, path, access, body] of bodies) {
      const refused = await ask(service, method, path, access, body);
      assert.equal(refused.status, 401, `${path}: ${refused.text}`);
    }
    for (const [method, path] of [
      ['DELETE', `factors/${kept.id}`],
      ['POST', 'factors/recovery_codes'],
    ] as const) {
      const refused = await ask(service, method, path, thief.access, {});
      assert.equal(refused.body.code, 'reauthentication_required', path);
    }
    assert.equal((await factorsOf(service)).length, 1);
  });
