/** A node of a directory's database in this process, in real time: what its processes would be. */
import type { TestContext } from 'node:test';
import { pino } from 'pino';
import { createApp } from '../../src/app.ts';
import { systemClock as clock } from '../../src/clock.ts';
import { readConfig } from '../../src/config/config.ts';
import { openDatabase } from '../../src/database/open.ts';
import { databaseOf } from './databases.ts';
import { hashingOf } from './hashing.ts';

/** What can be asked, and stopped as SIGTERM stops a process. */
export type Running = { readonly url: string; stop(): Promise<void> };

/** Starts a node that stops with its test. Its database is shared as processes share it. */
export async function startNode(
  t: Pick<TestContext, 'after'>,
  directory: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Running> {
  const config = readConfig({
    GATEPASS_DATABASE_URL: env['GATEPASS_DATABASE_URL'] ?? (await databaseOf(directory)),
    GATEPASS_RATE_LIMITS: 'off',
    ...env,
  });
  const database = openDatabase(config.databaseUrl);
  let isStopped = false;
  const close = async () => {
    if (isStopped) return;
    isStopped = true;
    await database.close();
  };
  t.after(close);
  await database.migrate();
  const logger = pino({ level: 'silent' });
  const { app } = await createApp({ ...hashingOf(config, env), database, clock, logger });
  t.after(() => app.close());
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    url,
    async stop() {
      await app.close();
      await close();
    },
  };
}
