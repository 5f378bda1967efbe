/** A whole Gatepass in this process: real HTTP on loopback, a database of its own, a clock to turn. */
import { createHmac } from 'node:crypto';
import type { TestContext } from 'node:test';
import { pino } from 'pino';
import { createApp } from '../../src/app.ts';
import { readConfig } from '../../src/config/config.ts';
import { openConfigured } from '../../src/database/open.ts';
import type { Deps } from '../../src/services.ts';
import { newDatabase } from './databases.ts';
import { hashingOf } from './hashing.ts';
import { contentsFor } from './migrated.ts';

export const SECRET = '9f8c1d2be4a7053c6d1fe28b90a4c7d35e1f60b2c8a9d4e7f3b516a02c7d8e94';
export const PASSWORD = 'correct horse 9 battery';

export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test asserts the shape of what it reads
  readonly body: any;
};

export type Service = Awaited<ReturnType<typeof startService>>;

/**
 * Starts a service that stops with its test.
 *
 * @param variables GATEPASS_* overrides; the database is a new one and the secret SECRET by default
 */
export async function startService(
  t: TestContext,
  variables: Record<string, string> = {},
  { clock = createTestClock(), ...observers }: Observers = {},
) {
  const config = readConfig({
    GATEPASS_DATABASE_URL: variables['GATEPASS_DATABASE_URL'] ?? (await newDatabase(t)),
    GATEPASS_SECRET: SECRET,
    GATEPASS_LOG_LEVEL: 'info',
    // Everyone is 127.0.0.1; its own tests switch them on.
    GATEPASS_RATE_LIMITS: 'off',
    // Forged and recorded tokens have no session; its own tests switch this off.
    GATEPASS_ACCEPT_SESSIONLESS_TOKENS: 'true',
    ...variables,
  });
  const log: string[] = [];
  const logger = pino({ level: config.logLevel }, { write: (line: string) => log.push(line) });
  const contents = await contentsFor(config.databaseUrl);
  const report = (level: 'info' | 'warn', text: string) => logger[level](text);
  const database = openConfigured(config, { report, contents });
  // One of `newDatabase` is a copy of a migrated one.
  if ('GATEPASS_DATABASE_URL' in variables) await database.migrate();
  const { app, createAdmin, setUp } = await createApp({
    ...hashingOf(config, variables),
    ...{ database, clock, logger },
    ...observers,
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  t.after(async () => {
    await app.close();
    await database.close();
  });
  const address = app.server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const url = `http://127.0.0.1:${port}`;

  const send = async (path: string, init: RequestInit = {}): Promise<Answer> => {
    const response = await fetch(url + path, { redirect: 'manual', ...init });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json');
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson && text ? JSON.parse(text) : undefined,
    };
  };
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    send(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const me = (token: string) =>
    send('/api/users/me', { headers: { authorization: `Bearer ${token}` } });

  return {
    url,
    port,
    /** Opens the admin listener. @returns its URL */
    async openAdmin(): Promise<string> {
      const admin = createAdmin();
      t.after(() => admin.close());
      return admin.listen({ host: '127.0.0.1', port: 0 });
    },
    setUp,
    /** As a stop does, except for the database. */
    close: () => app.close(),
    config,
    clock,
    database,
    /** Every log line, as written. */
    log,
    send,
    post,
    me,
    register: (email = 'alice@example.com', password = PASSWORD) =>
      post('/api/users', { email, password }),
    login: (email = 'alice@example.com', password = PASSWORD) =>
      post('/api/token', { email, password }),
    verify: (token: unknown) => post('/api/token/verify', { token }),
    refresh: (refresh: unknown) => post('/api/token/refresh', { refresh }),
  };
}

type Observers = Pick<
  Deps,
  'hashing' | 'timers' | 'metrics' | 'createHashThread' | 'createMailThread'
> & {
  readonly clock?: ReturnType<typeof createTestClock>;
};

/** Starts at a fixed instant and moves only when told. */
export function createTestClock() {
  let now = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
  return {
    now: () => now,
    advance: (milliseconds: number) => {
      now += milliseconds;
    },
  };
}

type Parts = { header?: unknown; payload?: unknown; secret?: string | Buffer };

const encode = (part: unknown) =>
  (Buffer.isBuffer(part)
    ? part
    : Buffer.from(typeof part === 'string' ? part : JSON.stringify(part))
  ).toString('base64url');

/** A token of one's own making; strings and buffers go in as they are, objects as JSON. */
export function forge({
  header = { alg: 'HS256', typ: 'JWT' },
  payload,
  secret = SECRET,
}: Parts): string {
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

/** The claims of a good token of the user with this id, to be spoiled by the test. */
export const goodClaims = (now: number, userId = 1, type: 'access' | 'refresh' = 'access') => ({
  token_type: type,
  exp: Math.floor(now / 1000) + 300,
  iat: Math.floor(now / 1000),
  jti: '0123456789abcdef0123456789abcdef',
  user_id: userId,
});

/** The claims a token carries, unverified. */
export const claimsOf = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
