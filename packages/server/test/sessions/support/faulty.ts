/** A service whose commits fail when a test says so, on a database that can be looked at. */
import type { TestContext } from 'node:test';
import { pino } from 'pino';
import { createApp } from '../../../src/app.ts';
import type { Timers } from '../../../src/clock.ts';
import { readConfig } from '../../../src/config/config.ts';
import { type OpenDatabase, openDatabase } from '../../../src/database/open.ts';
import { hashingOf } from '../../support/hashing.ts';
import { SECRET } from '../../support/service.ts';

/** What SQLite says when the disk is full. */
export const diskFull = () =>
  Object.assign(new Error('database or disk is full'), { code: 'ERR_SQLITE_ERROR', errcode: 13 });

/** Numbers from 0 to 1, the same ones for a seed (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Options = {
  readonly url: string;
  readonly variables: Record<string, string>;
  readonly beforeCommit?: () => void;
  readonly clock: { now(): number };
  readonly timers?: Timers;
};

/** A second server of a database file, beside the one of `startService` or instead of it. */
export async function startBeside(t: TestContext, options: Options) {
  const { url: databaseUrl, variables, beforeCommit, clock, timers } = options;
  const config = readConfig({
    GATEPASS_DATABASE_URL: databaseUrl,
    GATEPASS_SECRET: SECRET,
    GATEPASS_RATE_LIMITS: 'off',
    ...variables,
  });
  const database: OpenDatabase = openDatabase(databaseUrl, beforeCommit ? { beforeCommit } : {});
  await database.migrate();
  const logger = pino({ level: 'silent' });
  const { app } = await createApp({
    ...hashingOf(config, variables),
    ...{ database, clock, timers, logger },
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  t.after(async () => {
    await app.close();
    await database.close();
  });
  const address = app.server.address();
  return { database, url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}` };
}
