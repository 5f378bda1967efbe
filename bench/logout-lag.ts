import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerProcess } from './server-process.ts';
import { emails, password, post, send } from './targets/target.ts';

/** Milliseconds from the response to a logout at one node to the first request that the other refuses. */
export async function measureLogouts(
  count: number,
  a: ServerProcess,
  b: ServerProcess,
): Promise<number[]> {
  const lags: number[] = [];
  for (let n = 0; n < count; n++) {
    const login = await send(
      a.url,
      post('/api/token', { email: emails[n % emails.length], password }),
    );
    const { access, refresh } = (await login.json()) as { access: string; refresh: string };
    const verify = async () =>
      (await send(b.url, post('/api/token/verify', { token: access }))).status;
    if ((await verify()) !== 200) throw new Error('the other node does not know the session');
    const ended = await send(a.url, post('/api/token/blacklist', { refresh }));
    if (!ended.ok) throw new Error(`logout: ${ended.status}`);
    const answeredAt = performance.now();
    for (;;) {
      const askedAt = performance.now();
      if ((await verify()) === 401) {
        lags.push(askedAt - answeredAt);
        break;
      }
      await sleep(1);
    }
  }
  return lags;
}
