/** Two real servers on one SQLite file, and a third process of it: the test itself. */
import type { TestContext } from 'node:test';
import { databaseOf } from '../../support/databases.ts';
import { post, startProcess, workDirectory } from '../../support/process.ts';
import { SECRET } from '../../support/service.ts';
import { ROTATING } from './holder.ts';
import { createPeople } from './people.ts';

/** `LONG=1` runs the long form of a race. */
export const rounds = (normal: number, long: number): number =>
  process.env['LONG'] === '1' ? long : normal;

/** A server, by where it is reached. */
export type Place = { readonly url: string };
export type Answer = { readonly status: number; readonly body: Record<string, unknown> };

export async function startPair(t: TestContext, variables: Record<string, string> = ROTATING) {
  const directory = await workDirectory(t);
  const env = { GATEPASS_SECRET: SECRET, ...variables };
  const [a, b] = await Promise.all([
    startProcess(t, directory, env),
    startProcess(t, directory, env),
  ]);
  const people = await createPeople(await databaseOf(directory), variables);
  t.after(() => people.database.close());
  return { a, b, directory, ...people };
}

export async function call({ url }: Place, path: string, body: object): Promise<Answer> {
  const answer = await post(url, path, body);
  if (!answer) throw new Error(`${path}: no answer`);
  return answer;
}

export async function bearer(
  { url }: Place,
  method: string,
  path: string,
  access: string,
  body?: object,
): Promise<Answer> {
  const response = await fetch(url + path, {
    method,
    headers: {
      authorization: `Bearer ${access}`,
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text ? JSON.parse(text) : {} };
}

export const refreshAt = (server: Place, refresh: string): Promise<Answer> =>
  call(server, '/api/token/refresh', { refresh });

export const verifyAt = (server: Place, token: string): Promise<Answer> =>
  call(server, '/api/token/verify', { token });
