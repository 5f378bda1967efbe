/** A server in this process, around any database. */
import { pino } from 'pino';
import { createApp } from '../../../packages/server/src/app.ts';
import type { Clock } from '../../../packages/server/src/clock.ts';
import { readConfig } from '../../../packages/server/src/config/config.ts';
import type { OpenDatabase } from '../../../packages/server/src/database/open.ts';
import { SECRET } from '../../../packages/server/test/support/service.ts';

type Options = { database: OpenDatabase; variables: Record<string, string>; clock: Clock };

export async function startInside({ database, variables, clock }: Options) {
  const config = readConfig({ GATEPASS_RATE_LIMITS: 'off', ...variables, GATEPASS_SECRET: SECRET });
  await database.migrate();
  const { app } = await createApp({ config, database, clock, logger: pino({ level: 'silent' }) });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const address = app.server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    database,
    async stop(): Promise<void> {
      await app.close();
      await database.close();
    },
  };
}
