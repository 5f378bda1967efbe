import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { environment, repository } from '../machine.ts';
import { freePort, startServer } from '../server-process.ts';
import { connectSimpleJwt } from './simplejwt-wire.ts';
import { emails, password, post, send, type Target } from './target.ts';

const server = join(repository, 'packages', 'server');
const program = join(server, 'bin', 'gatepass.js');
const secret = randomBytes(32).toString('hex');

export const databaseFile = (directory: string) => join(directory, 'gatepass.db');

/** Ours, as an operator runs it: default settings and logs, but no rate limits. */
export const gatepass: Target = {
  name: 'gatepass',

  inspect() {
    if (!existsSync(program)) return { missing: `${program} is not there` };
    const { version } = JSON.parse(readFileSync(join(server, 'package.json'), 'utf8'));
    return { what: `Gatepass ${version}, one process, SQLite, Argon2id m=19456 t=2 p=1` };
  },

  async start(machine, directory) {
    const port = await freePort();
    return startServer({
      name: 'gatepass',
      command: machine.forServer([process.execPath, program, 'serve']),
      environment: environment({
        GATEPASS_PORT: String(port),
        GATEPASS_DATABASE_URL: `sqlite:${databaseFile(directory)}`,
        GATEPASS_SECRET: secret,
        GATEPASS_RATE_LIMITS: 'off',
      }),
      directory,
      port,
      healthPath: '/healthz',
      logFile: join(directory, 'gatepass.log'),
    });
  },

  async connect({ url }) {
    for (const email of emails) {
      // On the second start the account is there and this is a 400: logging in will tell.
      await (await send(url, post('/api/users', { email, password }))).text();
    }
    return connectSimpleJwt(url, emails);
  },
};
