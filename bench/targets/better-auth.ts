import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LoadRequest } from '../load.ts';
import { benchDirectory, environment } from '../machine.ts';
import { freePort, startServer } from '../server-process.ts';
import { emails, fetchText, getAs, password, post, send, type Target } from './target.ts';

const manifest = join(benchDirectory, 'node_modules', 'better-auth', 'package.json');
const secret = randomBytes(32).toString('hex');

/** better-auth on node:http: bench/peers/better-auth. */
export const betterAuth: Target = {
  name: 'better-auth',

  inspect() {
    if (!existsSync(manifest)) return { missing: 'not installed: npm ci --prefix bench' };
    const { version } = JSON.parse(readFileSync(manifest, 'utf8'));
    return { what: `better-auth ${version} on node:http, SQLite (node:sqlite), scrypt as shipped` };
  },

  async start(machine, directory) {
    const port = await freePort();
    const program = join(benchDirectory, 'peers', 'better-auth', 'server.js');
    return startServer({
      name: 'better-auth',
      command: machine.forServer([process.execPath, program]),
      environment: environment({
        BENCH_PORT: String(port),
        BENCH_SECRET: secret,
        BENCH_DATABASE: join(directory, 'better-auth.db'),
      }),
      directory,
      port,
      healthPath: '/api/auth/ok',
      logFile: join(directory, 'better-auth.log'),
    });
  },

  async connect({ url }) {
    const sessions: string[] = [];
    // As a browser sends it, because better-auth requires it.
    const fromPage = (path: string, body: object): LoadRequest => {
      const request = post(path, body);
      return { ...request, headers: { ...request.headers, Origin: url } };
    };
    const logins = emails.map((email) => fromPage('/api/auth/sign-in/email', { email, password }));
    for (const [n, login] of logins.entries()) {
      const account = { name: 'Bench', email: emails[n], password };
      await (await send(url, fromPage('/api/auth/sign-up/email', account))).text();
      sessions.push(await fetchText(url, login, 'token'));
    }
    return async (scenario) => {
      switch (scenario) {
        case 'login':
          return logins;
        case 'verify':
        case 'me':
          return sessions.map((token) => getAs(token, '/api/auth/get-session'));
        case 'refresh':
          return sessions.map((token) => getAs(token, '/api/auth/token'));
      }
    };
  },
};
