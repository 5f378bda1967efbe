/** The cost of an attempt at a mailed code does not reveal whether there is an account. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Database, Transaction } from '../../src/database/database.ts';
import { createOneTimeTokens } from '../../src/one-time-tokens/one-time-tokens.ts';
import { createOneTimeTokenStore } from '../../src/one-time-tokens/store.ts';
import { createFindPresented } from '../../src/recovery/presented.ts';
import { createThrottling } from '../../src/throttle/feature.ts';
import { startMailed } from './support/mailed.ts';

test('AR02: checking a code costs one commit, with or without a token or an account', async (t) => {
  const service = await startMailed(t);
  for (const email of ['alice@example.com', 'bob@example.com']) await service.register(email);
  await service.askReset();
  await service.nextMail();
  const rows = await service.database.db.selectFrom('users').select(['id', 'email']).execute();
  const ids = new Map(rows.map((row) => [row.email, row]));
  let commits = 0;
  const transaction: Transaction = (work) => {
    commits++;
    return service.database.transaction(work);
  };
  const database: Database = { ...service.database, transaction };
  const deps = { config: service.config, database, clock: service.clock };
  for (const rateLimits of ['on', 'off'] as const) {
    const { throttle } = createThrottling({ ...deps, config: { ...deps.config, rateLimits } });
    const oneTimeTokens = createOneTimeTokens({
      store: createOneTimeTokenStore(database),
      clock: service.clock,
      deriveKey: () => new Uint8Array(32),
    });
    const users = {
      findByEmail: async (email: string) => ids.get(email),
      findByPublicId: async () => undefined,
    };
    const find = createFindPresented({ users, oneTimeTokens, countCode: throttle.code });
    for (const who of ['alice', 'bob', 'nobody']) {
      commits = 0;
      await find({ email: `${who}@example.com`, code: '00000000' }, 'reset');
      assert.equal(commits, 1, `${who}, limits ${rateLimits}`);
    }
  }
});
