/** What the log says of a PostgreSQL server that comes and goes, by a clock that the test turns. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAvailability } from '../../src/database/postgres/availability.ts';

function createLog() {
  let now = 0;
  const said: string[] = [];
  const availability = createAvailability(
    (_level, text) => said.push(text.replace(/:.*|,.*/, '')),
    () => now,
  );
  return {
    ...availability,
    said,
    wait: (milliseconds: number) => {
      now += milliseconds;
    },
  };
}

test('an outage is reported once, and so is its end', () => {
  const log = createLog();
  for (let i = 0; i < 3; i++) {
    log.lost('reset');
    log.wait(5000);
  }
  log.works();
  log.works();
  assert.deepEqual(log.said, ['the database is away (reset)', 'the database is back']);
});

test('a refused connection that is reported after the server is back is not an outage', () => {
  const log = createLog();
  log.lost('reset');
  log.wait(5000);
  log.works();
  log.lost('starting up');
  log.works();
  assert.deepEqual(log.said, ['the database is away (reset)', 'the database is back']);
});

test('an outage right after another one is reported if it lasts', () => {
  const log = createLog();
  log.lost('reset');
  log.wait(5000);
  log.works();
  log.lost('reset again');
  log.wait(1001);
  log.lost('reset again');
  log.wait(1000);
  log.works();
  assert.deepEqual(log.said.slice(2), [
    'the database is away (reset again)',
    'the database is back',
  ]);
});
