/** The signals of a process that stops. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { listenForStop } from '../src/process/signals.ts';
import { until } from './support/until.ts';

const silent = pino({ level: 'silent' });

test('the second half of one Ctrl+C does not end a process that has just stopped', async () => {
  const before = process.listenerCount('SIGINT');
  const { stopped, release } = listenForStop(silent);
  process.kill(process.pid, 'SIGINT');
  assert.equal(await stopped, 'signal');
  release();
  // Would end this process.
  process.kill(process.pid, 'SIGINT');
  await until('its listener is gone', () => process.listenerCount('SIGINT') === before);
});

test('without a signal, no listener is left', () => {
  const before = process.listenerCount('SIGINT');
  listenForStop(silent).release();
  assert.equal(process.listenerCount('SIGINT'), before);
});
