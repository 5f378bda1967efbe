import { createHmac, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { benchDirectory, environment } from '../machine.ts';
import { freePort, startServer } from '../server-process.ts';
import { getAs, post, type Target } from './target.ts';

const secret = randomBytes(32).toString('hex');

/** bench/floor.ts: the most a server on `node:http` can do. */
export const floor: Target = {
  name: 'floor',
  inspect: () => ({ what: `bare node:http of Node.js ${process.versions.node}` }),

  async start(machine, directory) {
    const port = await freePort();
    return startServer({
      name: 'floor',
      command: machine.forServer([process.execPath, join(benchDirectory, 'floor.ts')]),
      environment: environment({ FLOOR_SECRET: secret, FLOOR_PORT: String(port) }),
      directory,
      port,
      healthPath: '/healthz',
      logFile: join(directory, 'floor.log'),
    });
  },

  async connect() {
    const tokens = (type: string) => Array.from({ length: 32 }, (_, n) => mint(type, n + 1));
    return async (scenario) => {
      switch (scenario) {
        case 'login':
          return undefined;
        case 'verify':
          return tokens('access').map((token) => post('/verify', { token }));
        case 'refresh':
          return tokens('refresh').map((refresh) => post('/refresh', { refresh }));
        case 'me':
          return tokens('access').map((token) => getAs(token, '/me'));
      }
    };
  },
};

function mint(token_type: string, user_id: number): string {
  const iat = Math.floor(Date.now() / 1000);
  const jti = randomBytes(16).toString('hex');
  // `sub` and `sid` too: as long as ours.
  const claims = { token_type, exp: iat + 300, iat, jti, user_id, sub: `${user_id}`, sid: jti };
  const text = [{ alg: 'HS256', typ: 'JWT' }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}
