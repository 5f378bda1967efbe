/** A browser without scripts: it opens pages, sends their forms and keeps their cookies. */
import type { TestContext } from 'node:test';
import { PASSWORD, type Service, startService } from '../../support/service.ts';

export const PUBLIC = 'https://id.example.com';
const OWN_PAGE = { 'sec-fetch-site': 'same-origin' };

type Fields = Readonly<Record<string, string>>;

export type Visitor = ReturnType<typeof visitorOf>;

export function visitorOf(service: Pick<Service, 'send'>) {
  const cookies = new Map<string, string>();

  async function send(path: string, init: RequestInit, headers: Fields) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await service.send(path, { ...init, headers: { cookie, ...headers } });
    for (const line of answer.headers.getSetCookie()) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=');
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    return { ...answer, goesTo: answer.headers.get('location') ?? undefined };
  }

  const open = (path: string, headers: Fields = {}) =>
    send(`/account/${path}`, {}, { 'sec-fetch-site': 'none', ...headers });

  const submit = (path: string, fields: Fields, headers: Fields = OWN_PAGE) =>
    send(
      `/account/${path}`,
      { method: 'POST', body: new URLSearchParams(fields).toString() },
      { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    );

  return {
    cookies,
    open,
    submit,
    login: (fields: Fields = {}) =>
      submit('login', { name: 'alice@example.com', password: PASSWORD, ...fields }),
  };
}

/** The values of a page's hidden fields. */
export const hiddenIn = (page: string): Record<string, string> =>
  Object.fromEntries(
    [...page.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)].map(
      ([, name = '', value = '']) => [name, value.replaceAll('&amp;', '&')],
    ),
  );

export const secretIn = (page: string): string =>
  (/<p class="secret"><code>([A-Z2-7 ]+)</.exec(page)?.[1] ?? '').replaceAll(' ', '');

export const codesIn = (page: string): string[] =>
  [...page.matchAll(/<code data-code>([^<]+)</g)].map(([, code = '']) => code);

/** A service with one account, and its owner's browser. */
export async function startWithVisitor(t: TestContext, variables: Record<string, string> = {}) {
  const service = await startService(t, { GATEPASS_PUBLIC_URL: PUBLIC, ...variables });
  await service.register();
  return { service, visitor: visitorOf(service) };
}
