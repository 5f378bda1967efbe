/** `gatepass serve` with a planted bug: the same composition around a database that cheats. */
import { flushCompileCache } from 'node:module';
import { pino } from 'pino';
import { createApp } from '../../../packages/server/src/app.ts';
import { systemClock } from '../../../packages/server/src/clock.ts';
import { readConfig } from '../../../packages/server/src/config/config.ts';
import { openDatabase } from '../../../packages/server/src/database/open.ts';
import { isPlant, plants } from './plants.ts';

const [, , name] = process.argv;
if (!isPlant(name)) throw new Error(`no such planted bug: ${name}`);
const config = readConfig(process.env);
const database = openDatabase(config.databaseUrl);
await database.migrate();
const { app } = await createApp({
  config,
  database: plants[name](database),
  clock: systemClock,
  logger: pino({ level: 'silent' }),
});
if (name === 'I7') process.once('SIGTERM', () => process.exit(0));
await app.listen({ host: config.host, port: config.port });
// The experiments kill it, and then nothing would be written.
flushCompileCache();
const address = app.server.address();
const port = typeof address === 'object' ? address?.port : config.port;
process.stdout.write(`${JSON.stringify({ url: `http://${config.host}:${port}` })}\n`);
