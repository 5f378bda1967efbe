import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { copySession } from '../fresh-sessions.ts';
import { environment, type Machine, repository } from '../machine.ts';
import { freePort, type ServerProcess, startServer } from '../server-process.ts';
import { connectSimpleJwt } from './simplejwt-wire.ts';
import { emails, fetchText, password, post, send, type Target } from './target.ts';

const programOf = (checkout: string) => join(checkout, 'packages', 'server', 'bin', 'gatepass.js');
const secret = randomBytes(32).toString('hex');

export const databaseFile = (directory: string) => join(directory, 'gatepass.db');

/**
 * Gatepass, as an operator runs it: default settings and logs, but no rate limits.
 *
 * @param checkout the directory of the source to run
 */
export function createGatepass(name: string, checkout: string): Target<GatepassProcess> {
  const program = programOf(checkout);
  return {
    name,

    inspect() {
      if (!existsSync(program)) return { missing: `${program} is not there` };
      const manifest = join(checkout, 'packages', 'server', 'package.json');
      const { version } = JSON.parse(readFileSync(manifest, 'utf8'));
      return { what: `Gatepass ${version}, one process, SQLite, Argon2id m=19456 t=2 p=1` };
    },

    start: (machine, directory) =>
      startGatepass(machine, {
        name,
        program,
        directory,
        databaseUrl: `sqlite:${databaseFile(directory)}`,
      }),

    async connect({ url }) {
      await register(url);
      return connectSimpleJwt(url, emails);
    },
  };
}

/** More than any machine reaches. */
const ROTATIONS_PER_SECOND = 30_000;

/** The same with rotation on: every refresh is a durable write. */
export function createRotating(name: string, checkout: string): Target<GatepassProcess> {
  return {
    name,
    rotates: true,

    inspect: (machine) =>
      machine.loadTool === 'wrk'
        ? { what: 'the same with GATEPASS_ROTATE_REFRESH_TOKENS=true, each request a rotation' }
        : { missing: 'presenting each token once takes wrk' },

    start: (machine, directory) =>
      startGatepass(machine, {
        name,
        program: programOf(checkout),
        directory,
        databaseUrl: `sqlite:${databaseFile(directory)}`,
        variables: { GATEPASS_ROTATE_REFRESH_TOKENS: 'true' },
      }),

    async connect({ url, databaseUrl }) {
      await register(url);
      const login = post('/api/token', { email: emails[0], password });
      const first = await fetchText(url, login, 'refresh');
      // Typical rows have been rotated before.
      const refresh = await fetchText(
        url,
        post('/api/token/refresh', { refresh: first }),
        'refresh',
      );
      return async (scenario, seconds) => {
        if (scenario !== 'refresh') return undefined;
        const count = seconds * ROTATIONS_PER_SECOND;
        const tokens = await copySession(databaseUrl, secret, refresh, count);
        return tokens.map((token) => post('/api/token/refresh', { refresh: token }));
      };
    },
  };
}

export const gatepass = createGatepass('gatepass', repository);
export const gatepassRotating = createRotating('gatepass-rotating', repository);

/** A node, and the database that it shares. */
export type GatepassProcess = ServerProcess & { readonly databaseUrl: string };

type Node = {
  readonly name: string;
  readonly directory: string;
  readonly databaseUrl: string;
  readonly program?: string;
  readonly variables?: Readonly<Record<string, string>>;
};

/** There may be several nodes of one database, all with the same secret. */
export async function startGatepass(
  machine: Machine,
  { name, directory, databaseUrl, program = programOf(repository), variables = {} }: Node,
): Promise<GatepassProcess> {
  const port = await freePort();
  const server = await startServer({
    name,
    command: machine.forServer([process.execPath, program, 'serve']),
    environment: environment({
      GATEPASS_PORT: String(port),
      GATEPASS_ADMIN_PORT: 'off',
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
  return { ...server, databaseUrl };
}

async function register(url: string): Promise<void> {
  for (const email of emails) {
    // On the second start the account exists and this is a 400; the login below checks it.
    await (await send(url, post('/api/users', { email, password }))).text();
  }
}
