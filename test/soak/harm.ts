/** Harm to the server while people use it: junk, floods of logins, faults. */
import { connect } from 'node:net';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { forge, goodClaims } from '../../packages/server/test/support/service.ts';
import type { World } from './person.ts';
import type { Soaked } from './server.ts';

const JUNK_ADDRESS = '198.51.100.1';
const FLOOD_NETWORKS = 50;
const FLOOD_CLIENTS = 12;
const FLOOD_PAUSE_MS = 25;
const FAULT_MS = 2000;
const CLOSED_WITHIN_MS = 15_000;

type Junk = {
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly access?: string;
  readonly expect: readonly number[];
};

const junk = (): Junk[] => [
  { path: '/api/token', body: '{"email":', expect: [400] },
  { path: '/api/token', body: { email: [], password: 7 }, expect: [400] },
  { path: '/api/token', body: '[]', expect: [400] },
  { path: '/api/users', body: { email: 'a@b', password: 'x' }, expect: [400] },
  { path: '/api/token/verify', body: { token: 'x'.repeat(9000) }, expect: [401] },
  {
    path: '/api/token/verify',
    body: { token: forge({ payload: goodClaims(Date.now()), secret: 'y'.repeat(32) }) },
    expect: [401],
  },
  { path: '/api/token/refresh', body: {}, expect: [400] },
  { path: '/api/token', body: 'x', headers: { 'content-type': 'text/plain' }, expect: [415] },
  { path: '/api/token', body: ' '.repeat(20_000), expect: [413] },
  { path: '/api/token', method: 'PUT', expect: [405] },
  { path: '/api/users/me', method: 'GET', access: 'a.b.c', expect: [401] },
  { path: '/api/users/me', method: 'GET', expect: [401] },
  { path: '/api/nothing', method: 'GET', expect: [404] },
];

/** Bytes that are no request, or half of one; the server must answer or close, and soon. */
const rawJunk = [
  'GARBAGE\r\n\r\n',
  'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
  'POST /api/token HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 40\r\n\r\n{',
  'POST /api/token HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n',
  'GET /healthz HTTP/1.1\r\nHost: a\r\nX-Slow: ',
];

export async function sendJunk({ caller, random, isOver, pause }: World): Promise<void> {
  while (!isOver()) {
    await sleep(pause * (0.5 + random()));
    const all = junk();
    const one = all[Math.floor(random() * all.length)];
    if (one) await caller.call({ kind: 'junk', address: JUNK_ADDRESS, ...one });
  }
}

export async function sendRawJunk(world: World, { url }: Soaked): Promise<void> {
  const { caller, weather, random, isOver, pause } = world;
  const { port } = new URL(url);
  while (!isOver()) {
    await sleep(pause * 2 * (0.5 + random()));
    const bytes = rawJunk[Math.floor(random() * rawJunk.length)] ?? '';
    const isReset = random() < 0.3;
    const begin = performance.now();
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1', () => {
        socket.write(bytes, () => isReset && socket.resetAndDestroy());
      });
      const late = setTimeout(() => {
        if (weather.isCalm(begin)) caller.complain(`half a request is kept open: ${bytes}`);
        socket.destroy();
      }, CLOSED_WITHIN_MS);
      const over = setInterval(() => isOver() && socket.destroy(), 100);
      socket.on('error', () => {});
      socket.resume().on('close', () => {
        clearTimeout(late);
        clearInterval(over);
        resolve();
      });
    });
  }
}

/** A flood of guessed passwords from some networks, more than can be hashed. */
export async function flood({ caller, weather, random }: World, ms: number): Promise<void> {
  const end = weather.begin('flood');
  const until = performance.now() + ms;
  const client = async () => {
    while (performance.now() < until) {
      const email = `nobody${Math.floor(random() * 1e6)}@example.com`;
      await caller.call({
        kind: 'flood',
        path: '/api/token',
        body: { email, password: 'guess' },
        address: `203.0.113.${Math.floor(random() * FLOOD_NETWORKS)}`,
        expect: [401, 429, 503],
      });
      await sleep(FLOOD_PAUSE_MS);
    }
  };
  await Promise.all(Array.from({ length: FLOOD_CLIENTS }, client));
  end();
}

/** Another process holds the database's write lock. */
export async function lockDatabase({ weather }: World, path: string): Promise<void> {
  const sqlite = new DatabaseSync(path, { timeout: 1000 });
  try {
    sqlite.exec('BEGIN IMMEDIATE');
  } catch {
    sqlite.close();
    return;
  }
  const end = weather.begin('lock');
  await sleep(FAULT_MS);
  sqlite.exec('ROLLBACK');
  sqlite.close();
  end();
}

/** A worker stands still for a while, as if the machine had swapped it out. */
export async function stopWorker({ weather, random }: World, server: Soaked): Promise<void> {
  const pid = pick(server.workers(), random);
  if (pid === undefined) return;
  const end = weather.begin('stopped');
  process.kill(pid, 'SIGSTOP');
  await sleep(FAULT_MS);
  process.kill(pid, 'SIGCONT');
  end();
}

/** A worker is killed, and replaced by its parent. */
export async function killWorker({ weather, random }: World, server: Soaked): Promise<void> {
  const pid = pick(server.workers(), random);
  if (pid === undefined) return;
  const end = weather.begin('killed');
  process.kill(pid, 'SIGKILL');
  await sleep(FAULT_MS);
  end();
}

const pick = (pids: readonly number[], random: () => number): number | undefined =>
  pids[Math.floor(random() * pids.length)];
