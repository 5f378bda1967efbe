/** AB10: routes that tell when a session is rotated are limited for each session, and audited. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Service, startService } from '../support/service.ts';
import { logIn, MINUTE, type Pair, ROTATING, rotate } from './support/holder.ts';

type Ask = (service: Service, pair: Pair, before: string) => ReturnType<Service['verify']>;

const ways: Record<string, Ask> = {
  'verify of the newest refresh token': (service, { refresh }) => service.verify(refresh),
  'verify of the one before': (service, _pair, before) => service.verify(before),
  'the list of sessions': (service, { access }) =>
    service.send('/api/sessions', { headers: { authorization: `Bearer ${access}` } }),
};

for (const [name, ask] of Object.entries(ways)) {
  test(`AB10 ${name} is allowed 30 times a minute, and the first refusal is audited`, async (t) => {
    const service = await startService(t, { ...ROTATING, GATEPASS_RATE_LIMITS: 'on' });
    const { refresh: before } = await logIn(service);
    const pair = await rotate(service, before);
    const other = await logIn(service);
    const { clock, database } = service;
    clock.advance(MINUTE - (clock.now() % MINUTE));
    const polled = () =>
      database.db
        .selectFrom('audit_events')
        .select(['session_id', 'user_id', 'address'])
        .where('event', '=', 'session.polled')
        .execute();
    for (let i = 0; i < 30; i++) assert.equal((await ask(service, pair, before)).status, 200);
    assert.deepEqual(await polled(), []);
    for (let i = 0; i < 3; i++) {
      const { status, body, headers } = await ask(service, pair, before);
      assert.deepEqual([status, body.code], [429, 'throttled']);
      assert.match(headers.get('ratelimit') ?? '', /"look-session"/);
    }
    const events = await polled();
    assert.deepEqual(
      events.map(({ user_id, address }) => [user_id, address]),
      [[1, '127.0.0.1']],
    );
    assert.equal((await service.refresh(pair.refresh)).status, 200, 'its owner refreshes');
    assert.equal((await service.verify(pair.access)).status, 200, 'access tokens are not counted');
    assert.equal((await ask(service, other, other.refresh)).status, 200, 'nor other sessions');
    clock.advance(MINUTE);
    assert.notEqual((await ask(service, pair, before)).status, 429);
  });
}
