// better-auth as its documentation sets it up: e-mail and password, bearer and JWT plugins, SQLite.
import { createServer } from 'node:http';
import { DatabaseSync } from 'node:sqlite';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { toNodeHandler } from 'better-auth/node';
import { bearer, jwt } from 'better-auth/plugins';

const port = Number(process.env.BENCH_PORT);
const database = new DatabaseSync(process.env.BENCH_DATABASE);
database.exec('PRAGMA journal_mode = WAL');

const options = {
  baseURL: `http://127.0.0.1:${port}`,
  secret: process.env.BENCH_SECRET,
  database,
  emailAndPassword: { enabled: true },
  plugins: [bearer(), jwt({ disableSettingJwtHeader: true })],
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  logger: { level: 'error' },
};
await (await getMigrations(options)).runMigrations();
createServer(toNodeHandler(betterAuth(options))).listen(port, '127.0.0.1');
