/** I9: a flood of logins denies no logged-in user. */
import { join } from 'node:path';
import { createRandom } from '../../packages/server/test/sessions/support/faulty.ts';
import { PASSWORD } from '../../packages/server/test/support/service.ts';
import type { Experiment } from './support/experiment.ts';
import { type Server, withLab } from './support/lab.ts';
import {
  apply,
  applyInTurn,
  createSender,
  percentile,
  type Sample,
  type Sender,
} from './support/load.ts';

const PLANTED_HASHER = { preload: join(import.meta.dirname, 'support/planted-hasher.ts') };
const CLIENTS = 8;
const VERIFIES = 200;
const REFRESHES = 50;
const TIMES_CAPACITY = 4;
const RECOVERY_MS = 5000;

/** The sessions are used in turn, so that none reaches its limit of 60 refreshes a minute. */
const FULL_LOAD = { accounts: 24, sessions: 60, aloneMs: 1500 };
/**
 * The flood begins with more logins at once than may run and wait together, so that a bound refuses
 * some, whatever the measured capacity.
 */
const SHORT_LOAD = { accounts: 4, sessions: 4, aloneMs: 500, floodS: 3, atOnce: 80 };
/** The requirement on an idle machine with two cores, in runs of 20 seconds and more. */
const FULL = { verifyMs: 50, refreshMs: 100, surplusMs: 100, loginMs: 1500, share: 0.8 };
const FULL_FROM_S = 20;
const PROMPT_MS = 500;
/**
 * Shorter runs are beside other tests, which slow all requests alike and stop some of them. They
 * therefore compare medians: a request that hashes nothing waits a fraction of a login's time. Each such
 * request follows the response to the last: a fixed rate would measure the queue of its client.
 */
const SHORT = { ofLogins: 0.2, share: 0.25 };

const good = (samples: readonly Sample[]) => samples.filter(({ status }) => status === 200);

export const overload: Experiment = {
  id: 'I9',
  invariant: 'a flood of logins denies no logged-in user',
  plantedBug: "hashing in libuv's pool without a bound",
  isTimed: true,
  run: ({ seconds, seed, planted, isShort }) =>
    withLab(async (lab) => {
      const random = createRandom(seed);
      const isFull = seconds >= FULL_FROM_S;
      const { accounts, sessions, aloneMs } = isShort ? SHORT_LOAD : FULL_LOAD;
      const server: Server = await lab.start(planted ? PLANTED_HASHER : undefined, {
        // Each client has a network of its own, so that it is not the rate limits that stop the flood.
        GATEPASS_RATE_LIMITS: 'on',
        GATEPASS_TRUSTED_PROXIES: '127.0.0.1',
        GATEPASS_LOG_LEVEL: 'info',
        // The flood logs into the accounts of the measured sessions, and must not end these.
        GATEPASS_MAX_SESSIONS: '10000',
      });
      const flooding = createSender(server.url);
      const working = createSender(server.url);
      const pick = (below: number) => Math.floor(random() * below);
      const network = () => `10.${pick(256)}.${pick(256)}.${pick(256)}`;
      const login = () => ({
        path: '/api/token',
        body: { email: `user${pick(accounts)}@example.com`, password: PASSWORD },
        from: network(),
      });

      for (let n = 0; n < accounts; n++)
        await working.send(
          '/api/users',
          { email: `user${n}@example.com`, password: PASSWORD },
          network(),
        );
      const { text } = await send(working, login());
      const tokens: { access: string; refresh: string } = JSON.parse(text);
      const refreshTokens = [tokens.refresh];
      while (refreshTokens.length < sessions)
        refreshTokens.push(JSON.parse((await send(working, login())).text).refresh);

      let turn = 0;
      const capacity = await measureCapacity(working, login, aloneMs);
      const floodSeconds = isShort ? SHORT_LOAD.floodS : seconds;
      const applyWork = isFull ? apply : applyInTurn;
      const atOnce = Array.from({ length: isShort ? SHORT_LOAD.atOnce : 0 }, () =>
        send(flooding, login()),
      );
      const [flood, verifies, refreshes] = await Promise.all([
        apply(flooding, TIMES_CAPACITY * capacity, floodSeconds, login),
        applyWork(working, VERIFIES, floodSeconds, () => ({
          path: '/api/token/verify',
          body: { token: tokens.access },
        })),
        applyWork(working, REFRESHES, floodSeconds, () => ({
          path: '/api/token/refresh',
          body: { refresh: refreshTokens[turn++ % sessions] },
        })),
      ]);
      const logins: Sample[] = [...flood, ...(await Promise.all(atOnce))];
      const recoveryMs = await recover(working, login, isFull ? PROMPT_MS : Infinity);
      flooding.close();
      working.close();

      const surplus = logins.filter(({ status }) => status === 503 || status === 429);
      const rate = good(logins).length / floodSeconds;
      const figures = {
        'logins/s alone': Math.round(capacity),
        'logins/s in the flood': Math.round(rate),
        surplus: surplus.length,
        'ms p99 of the surplus': percentile(surplus, 0.99),
        'ms p50 of logins': percentile(good(logins), 0.5),
        'ms p99 of logins': percentile(good(logins), 0.99),
        'ms p50 of verify': percentile(verifies, 0.5),
        'ms p99 of verify': percentile(verifies, 0.99),
        'ms p50 of refresh': percentile(refreshes, 0.5),
        'ms p99 of refresh': percentile(refreshes, 0.99),
      };
      const violations: string[] = [];
      const demand = (holds: boolean, what: string) => {
        if (!holds) violations.push(what);
      };
      const within = (what: keyof typeof figures, limit: number) =>
        demand(figures[what] < limit, `${figures[what]} ${what}, allowed ${limit}`);
      const allowed = Math.round(SHORT.ofLogins * figures['ms p50 of logins']);
      if (!isFull) {
        within('ms p50 of verify', allowed);
        within('ms p50 of refresh', allowed);
      } else {
        within('ms p99 of verify', FULL.verifyMs);
        within('ms p99 of refresh', FULL.refreshMs);
        within('ms p99 of the surplus', FULL.surplusMs);
        within('ms p99 of logins', FULL.loginMs);
      }
      for (const [what, samples] of Object.entries({ verifies, refreshes }))
        for (const { status } of samples) demand(status === 200, `one of the ${what}: ${status}`);
      // Not 429: the limits of the accounts would refuse some of any flood.
      demand(
        surplus.some(({ status }) => status === 503),
        'nothing was refused for lack of capacity',
      );
      const strange = logins.length - surplus.length - good(logins).length;
      demand(strange === 0, `${strange} logins were answered otherwise`);
      demand(rate >= (isFull ? FULL : SHORT).share * capacity, `${rate} logins/s of ${capacity}`);
      demand(recoveryMs < RECOVERY_MS, `not back after ${recoveryMs} ms`);
      return { figures, violations };
    }),
};

type Request = { readonly path: string; readonly body: object; readonly from: string };

const send = (sender: Sender, { path, body, from }: Request) => sender.send(path, body, from);

/** Logins a second by clients that wait for each response. */
async function measureCapacity(
  sender: Sender,
  login: () => Request,
  forMs: number,
): Promise<number> {
  const start = performance.now();
  const until = start + forMs;
  let count = 0;
  const client = async () => {
    while (performance.now() < until) if ((await send(sender, login())).status === 200) count++;
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return count / ((performance.now() - start) / 1000);
}

/** Milliseconds until a login takes no more than `prompt` again. */
async function recover(sender: Sender, login: () => Request, prompt: number): Promise<number> {
  const start = performance.now();
  while (performance.now() - start < 2 * RECOVERY_MS) {
    const { status, ms } = await send(sender, login());
    if (status === 200 && ms < prompt) break;
  }
  return performance.now() - start;
}
