/** A server and its command line in a directory of their own, to be stopped, restored and started. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { runCommand } from '../../support/command.ts';
import { type Running, startNode } from '../../support/node.ts';
import { post, startProcess, workDirectory } from '../../support/process.ts';
import { PASSWORD, SECRET } from '../../support/service.ts';

export type Pair = { readonly access: string; readonly refresh: string };
export type Place = Awaited<ReturnType<typeof createPlace>>;

export async function createPlace(t: TestContext, variables: Record<string, string> = {}) {
  const directory = await workDirectory(t);
  const env = { GATEPASS_SECRET: SECRET, ...variables };
  return {
    directory,
    database: `${directory}/data/gatepass.db`,
    start: () => startNode(t, directory, env),
    startProcess: () => startProcess(t, directory, env),
    run: (...args: string[]) => runCommand(directory, args),
    /** Runs a command that must succeed and prints JSON. */
    async json(...args: string[]) {
      const { code, stdout, stderr } = await runCommand(directory, [...args, '--json']);
      assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
      return JSON.parse(stdout);
    },
  };
}

export async function register({ url }: Running, email: string): Promise<number> {
  const answer = await post(url, '/api/users', { email, password: PASSWORD });
  assert.equal(answer?.status, 201, JSON.stringify(answer?.body));
  return Number(answer.body['id']);
}

export async function logIn({ url }: Running, email: string): Promise<Pair> {
  const answer = await post(url, '/api/token', { email, password: PASSWORD });
  assert.equal(answer?.status, 200, JSON.stringify(answer?.body));
  return answer.body as Pair;
}

/** The statuses of everything that a pair could still open. */
export async function statuses({ url }: Running, { access, refresh }: Pair) {
  const bearer = await fetch(`${url}/api/users/me`, {
    headers: { authorization: `Bearer ${access}` },
  });
  return {
    verifyAccess: (await post(url, '/api/token/verify', { token: access }))?.status,
    verifyRefresh: (await post(url, '/api/token/verify', { token: refresh }))?.status,
    refresh: (await post(url, '/api/token/refresh', { refresh }))?.status,
    bearer: bearer.status,
  };
}

export const DEAD = { verifyAccess: 401, verifyRefresh: 401, refresh: 401, bearer: 401 };
export const ALIVE = { verifyAccess: 200, verifyRefresh: 200, refresh: 200, bearer: 200 };
