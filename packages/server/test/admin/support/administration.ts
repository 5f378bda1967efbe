/** A service in this process with its admin listener open, and an administrator who is logged in. */
import type { TestContext } from 'node:test';
import { type Answer, PASSWORD, type Service, startService } from '../../support/service.ts';

export const ADMIN = 'root@example.com';

type Opening = Pick<Service, 'openAdmin' | 'setUp'>;
type Observers = Parameters<typeof startService>[2];

export async function startAdministration(
  t: TestContext,
  variables: Record<string, string> = {},
  observers: Observers = {},
) {
  return administer(await startService(t, variables, observers));
}

/** Opens the admin listener of a service that was started. */
export async function administer<S extends Opening>(service: S) {
  const adminUrl = await service.openAdmin();

  async function ask(
    path: string,
    init: { method?: string; body?: unknown; headers?: Record<string, string> } = {},
    token?: string,
  ): Promise<Answer> {
    const { method = 'GET', body, headers } = init;
    const response = await fetch(adminUrl + path, {
      method,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json');
    const { status, headers: received } = response;
    return { status, headers: received, text, body: isJson && text ? JSON.parse(text) : undefined };
  }

  const logIn = (email = ADMIN, password = PASSWORD) =>
    ask('/api/admin/login', { method: 'POST', body: { email, password } });

  /** @returns the token of the first administrator's login */
  async function begin(email = ADMIN): Promise<string> {
    const token = await service.setUp();
    const body = { token, email, password: PASSWORD };
    const answer = await ask('/api/admin/setup', { method: 'POST', body });
    if (answer.status !== 200) throw new Error(answer.text);
    return answer.body.token;
  }

  return { ...service, adminUrl, ask, logIn, begin };
}

export type Administration = Awaited<ReturnType<typeof startAdministration>>;

/** The newest events of the audit log, oldest first. */
export async function auditOf({ database }: Pick<Service, 'database'>, event: string) {
  return database.db
    .selectFrom('audit_events')
    .select(['event', 'user_id', 'actor', 'details'])
    .where('event', '=', event)
    .orderBy('id')
    .execute();
}
