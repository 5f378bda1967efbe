import type { LoadRequest } from '../load.ts';
import type { Machine } from '../machine.ts';
import type { ServerProcess } from '../server-process.ts';

/** Logins last: they end the sessions that the others use, an account having a hundred at most. */
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
  /** Its refresh rotates: each token is presented once. */
  readonly rotates?: boolean;
  /** What runs, with versions; or why it cannot run on this machine. */
  inspect(machine: Machine): { what: string } | { missing: string };
  /** @param directory its own; a second start finds the database of the first */
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

/** @throws {Error} unless the answer is a 2xx whose JSON has this text in this field */
export async function fetchText(url: string, request: LoadRequest, field: string): Promise<string> {
  const answer = await send(url, request);
  const text = await answer.text();
  const value: unknown = answer.ok ? JSON.parse(text)[field] : undefined;
  if (typeof value === 'string') return value;
  throw new Error(`${request.method} ${url}${request.path}: ${answer.status} ${text}`);
}
