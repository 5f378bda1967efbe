import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { environment, type Machine, repository } from '../machine.ts';
import { freePort, type ServerProcess, startServer } from '../server-process.ts';
import { connectSimpleJwt } from './simplejwt-wire.ts';
import { emails, fetchText, password, post, send, type Target } from './target.ts';

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

  start: (machine, directory) =>
    startGatepass(machine, {
      name: 'gatepass',
      directory,
      databaseUrl: `sqlite:${databaseFile(directory)}`,
    }),

  async connect({ url }) {
    await register(url);
    return connectSimpleJwt(url, emails);
  },
};

/** Enough that 64 connections never wait for each other's answers. */
const ROTATING_SESSIONS = 128;

/** The same with rotation on: every refresh is a durable write. */
export const gatepassRotating: Target = {
  name: 'gatepass-rotating',
  rotates: true,

  inspect: (machine) =>
    machine.loadTool === 'wrk'
      ? { what: 'the same with GATEPASS_ROTATE_REFRESH_TOKENS=true, each token presented once' }
      : { missing: 'presenting the token of the answer before takes wrk' },

  start: (machine, directory) =>
    startGatepass(machine, {
      name: 'gatepass-rotating',
      directory,
      databaseUrl: `sqlite:${databaseFile(directory)}`,
      variables: { GATEPASS_ROTATE_REFRESH_TOKENS: 'true' },
    }),

  async connect({ url }) {
    await register(url);
    return async (scenario) => {
      if (scenario !== 'refresh') return undefined;
      const tokens: string[] = [];
      for (let n = 0; n < ROTATING_SESSIONS; n++) {
        const email = emails[n % emails.length];
        tokens.push(await fetchText(url, post('/api/token', { email, password }), 'refresh'));
      }
      return tokens.map((refresh) => post('/api/token/refresh', { refresh }));
    };
  },
};

type Node = {
  readonly name: string;
  readonly directory: string;
  readonly databaseUrl: string;
  readonly variables?: Readonly<Record<string, string>>;
};

/** Of one database there may be several: all have the same secret. */
export async function startGatepass(
  machine: Machine,
  { name, directory, databaseUrl, variables = {} }: Node,
): Promise<ServerProcess> {
  const port = await freePort();
  return startServer({
    name,
    command: machine.forServer([process.execPath, program, 'serve']),
    environment: environment({
      GATEPASS_PORT: String(port),
      GATEPASS_DATABASE_URL: databaseUrl,
      GATEPASS_SECRET: secret,
      GATEPASS_RATE_LIMITS: 'off',
      ...variables,
    }),
    directory,
    port,
    healthPath: '/healthz',
    logFile: join(directory, `${name}.log`),
  });
}

async function register(url: string): Promise<void> {
  for (const email of emails) {
    // On the second start the account is there and this is a 400: logging in will tell.
    await (await send(url, post('/api/users', { email, password }))).text();
  }
}
