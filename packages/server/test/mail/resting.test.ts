/** A mail thread that cannot work: its starts become rarer and its log lines few. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Sender } from '../../src/outbox/rounds.ts';
import { startMailed } from '../recovery/support/mailed.ts';
import { newSharedDatabase } from '../support/databases.ts';
import { createTestTimers } from '../support/timers.ts';
import { HOUR, MINUTE, SECOND } from './support/post.ts';

test('a mail thread that dies at once is started less and less often, and logged a few times per cause', async (t) => {
  const timers = createTestTimers();
  const starts: number[] = [];
  let cause: string | undefined = 'the mail thread ended with code 1';
  const sender: Sender = {
    async deliverDue() {
      starts.push(timers.elapsed());
      if (cause) throw new Error(cause);
    },
    async stop() {},
  };
  // In memory, no thread could open the database, so there would be none.
  const settings = { GATEPASS_DATABASE_URL: await newSharedDatabase(t) };
  const service = await startMailed(t, settings, { timers, createMailThread: () => sender });
  const lines = (pattern: RegExp) => service.log.filter((line) => pattern.test(line));
  await service.register();
  assert.equal((await service.askReset()).status, 204);
  await timers.advance(HOUR);
  const pauses = starts.slice(1).map((at, i) => at - (starts[i] ?? 0));
  assert.ok(starts.length >= 40, `it goes on: ${starts.length} starts`);
  assert.ok(starts.length <= 150, `${starts.length} starts in an hour`);
  assert.ok((pauses[0] ?? 0) <= 3 * SECOND, 'a thread that died once is replaced soon');
  assert.ok(Math.max(...pauses) <= 92 * SECOND, String(pauses));
  assert.ok(new Set(pauses.slice(10)).size > 1, 'processes do not all retry at the same moment');
  const logged = lines(/queued mail cannot be sent now/).map((line) => JSON.parse(line).failures);
  assert.deepEqual(logged.slice(0, 5), [1, 2, 4, 8, 16]);
  assert.ok(logged.length <= 8, String(logged));

  cause = 'Cannot find module';
  await timers.advance(2 * MINUTE);
  assert.equal(lines(/Cannot find module/).length > 0, true, 'another cause is logged at once');
  cause = undefined;
  await timers.advance(2 * MINUTE);
  assert.equal(lines(/queued mail is sent again/).length, 1);
  const before = starts.length;
  await timers.advance(10 * SECOND);
  assert.ok(starts.length - before >= 8, 'a success ends the pauses');
});
