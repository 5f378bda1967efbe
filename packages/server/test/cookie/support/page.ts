/** What a page of one origin sends: its browser keeps the cookies. */

import type { TestContext } from 'node:test';
import { type Answer, PASSWORD, type Service, startService } from '../../support/service.ts';

export const PUBLIC = 'https://id.example.com';
export const NAME = '__Host-gatepass';
export const PAGE = { 'sec-fetch-site': 'same-origin' };
export const ALICE = { email: 'alice@example.com', password: PASSWORD };

type Headers = Record<string, string>;

/** A service with cookie mode and one account. */
export async function startWithCookies(
  t: TestContext,
  variables: Record<string, string> = {},
): Promise<Service> {
  const service = await startService(t, { GATEPASS_PUBLIC_URL: PUBLIC, ...variables });
  await service.register();
  return service;
}

/** The `Set-Cookie` of this name, which is there once at most. */
function lineOf({ headers }: Answer, name: string): string | undefined {
  const [line, ...others] = headers.getSetCookie().filter((each) => each.startsWith(`${name}=`));
  if (others.length > 0) throw new Error(`more than one Set-Cookie of ${name}`);
  return line;
}

/** The value that a response sets; '' = it clears the cookie, `undefined` = it says nothing of it. */
export const setCookieOf = (answer: Answer, name = NAME): string | undefined =>
  lineOf(answer, name)
    ?.slice(name.length + 1)
    .split(';')[0];

export const attributesOf = (answer: Answer, name = NAME): string[] =>
  (lineOf(answer, name) ?? '').split('; ').slice(1);

export const sessionOf = (service: Service) => {
  const call = (method: string, path: string, cookie?: string, headers: Headers = PAGE) =>
    service.send(path, {
      method,
      headers: { ...headers, ...(cookie !== undefined && { cookie }) },
    });
  return {
    login: (headers: Headers = PAGE, body: object = ALICE) =>
      service.post('/api/session', body, headers),
    /** @param token in a cookie of the name */
    refresh: (token: string, headers?: Headers) =>
      call('POST', '/api/session/refresh', `${NAME}=${token}`, headers),
    /** @param cookie the whole header */
    refreshWith: (cookie?: string, headers?: Headers) =>
      call('POST', '/api/session/refresh', cookie, headers),
    logout: (token?: string, headers?: Headers) =>
      call('DELETE', '/api/session', token && `${NAME}=${token}`, headers),
  };
};
