/** MF01 and MF04 on two servers of one database: each refuses the codes that the other has spent. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newSharedDatabase } from '../support/databases.ts';
import { startService } from '../support/service.ts';
import { codeAt, STEP, startWithFactor } from './support/holder.ts';

test('MF01 MF04 in 20 parallel logins at two servers each code succeeds once', async (t) => {
  const url = { GATEPASS_DATABASE_URL: await newSharedDatabase(t) };
  const { service, secret, recoveryCodes, challenges } = await startWithFactor(t, url);
  const other = await startService(t, url, { clock: service.clock });
  const everywhere = async (code: string) => {
    // The passwords come first: their hashes wait for one another, and the codes would not race.
    const all = await challenges(20);
    return Promise.all(
      all.map((each, i) =>
        (i % 2 ? service : other).post('/api/token/second_factor', { challenge: each, code }),
      ),
    );
  };
  for (let round = 0; round < 5; round++) {
    for (const code of [codeAt(secret, service.clock.now()), recoveryCodes[round] ?? '']) {
      const statuses = (await everywhere(code)).map(({ status }) => status);
      assert.deepEqual(statuses.toSorted(), [200, ...Array(19).fill(401)], `round ${round}`);
    }
    service.clock.advance(STEP);
  }
});
