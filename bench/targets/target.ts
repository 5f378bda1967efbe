import type { LoadRequest } from '../load.ts';
import type { Machine } from '../machine.ts';
import type { ServerProcess } from '../server-process.ts';

/** Logins last, because they end the sessions of the other scenarios: an account has at most a hundred. */
export const loadScenarios = ['verify', 'refresh', 'me', 'login'] as const;
export type LoadScenario = (typeof loadScenarios)[number];

/** Fresh requests for so many seconds of a scenario; `undefined` when the target has nothing comparable. */
export type RequestsOf = (
  scenario: LoadScenario,
  seconds: number,
) => Promise<LoadRequest[] | undefined>;

/** A server to measure. */
export type Target<S extends ServerProcess = ServerProcess> = {
  readonly name: string;
  /** Whether a refresh rotates, so that each token is presented once. */
  readonly rotates?: boolean;
  /** The programs with their versions, or why the target cannot run on this machine. */
  inspect(machine: Machine): { what: string } | { missing: string };
  /** @param directory for this target; a second start finds the database of the first */
  start(machine: Machine, directory: string): Promise<S>;
  /** Makes the accounts it needs. */
  connect(server: S): Promise<RequestsOf>;
};

export const password = 'correct horse 9 battery';
export const emails = Array.from({ length: 8 }, (_, n) => `bench${n}@load.example`);

export const post = (path: string, body: object): LoadRequest => ({
  method: 'POST',
  path,
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(body),
});

export const getAs = (token: string, path: string): LoadRequest => ({
  method: 'GET',
  path,
  headers: { Authorization: `Bearer ${token}` },
});

export async function send(url: string, request: LoadRequest): Promise<Response> {
  const { method, headers, body } = request;
  return fetch(url + request.path, { method, headers, ...(body !== undefined && { body }) });
}

/** @throws {Error} unless the response is a 2xx whose JSON has a text in this field */
export async function fetchText(url: string, request: LoadRequest, field: string): Promise<string> {
  const answer = await send(url, request);
  const text = await answer.text();
  const value: unknown = answer.ok ? JSON.parse(text)[field] : undefined;
  if (typeof value === 'string') return value;
  throw new Error(`${request.method} ${url}${request.path}: ${answer.status} ${text}`);
}
