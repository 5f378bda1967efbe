/** docs/clients.md: other people's clients refresh once for all requests, with rotation and without. */
import assert from 'node:assert/strict';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { suite, type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import * as markdown from '../support/markdown.ts';
import { startService } from '../support/service.ts';
import { workDirectory } from './support/page.ts';
import { listen } from './support/programs.ts';
import { installed } from './support/stacks.ts';

const ANGULAR = ['core', 'common', 'compiler'].map((name) => `@angular/${name}@21.2.26`);
const PACKAGES = [
  ...['axios@1.21.1', '@reduxjs/toolkit@2.14.0', 'async-mutex@0.5.0'],
  ...[...ANGULAR, 'rxjs@7.8.2'],
];
const folder = installed(PACKAGES);
const skip = folder ? false : `npm install ${PACKAGES.join(' ')} fails`;
const page = readFileSync(join(import.meta.dirname, '../../docs/clients.md'), 'utf8');
const account = { email: 'ada@example.com', password: 'correct horse 9 battery' };

type Tokens = { access: string; refresh: string };
/** What the tests ask of a client, however it is written. */
type Driver = {
  start(tokens: Tokens): void;
  tokens(): Tokens;
  me(): Promise<{ email: string }>;
  isLoggedIn(): boolean;
};

const drivers: Record<
  string,
  { language?: 'ts'; code: (page: string) => string; files?: Record<string, string> }
> = {
  axios: {
    code: (block) => `${block}
export default {
  start: (given) => Object.assign(tokens, given),
  tokens: () => tokens,
  me: async () => (await api.get('/users/me')).data,
  isLoggedIn: () => true,
};`,
  },
  'RTK Query': {
    code: (block) => `${block}
import { configureStore } from '@reduxjs/toolkit';
import { createApi } from '@reduxjs/toolkit/query';
import { reducer } from './auth.js';
const pages = createApi({
  baseQuery: baseQueryWithRefresh,
  endpoints: (build) => ({ me: build.query({ query: (n) => '/users/me?' + n, keepUnusedDataFor: 0 }) }),
});
const store = configureStore({
  reducer: { auth: reducer, [pages.reducerPath]: pages.reducer },
  middleware: (defaults) => defaults().concat(pages.middleware),
});
let n = 0;
export default {
  start: (given) => store.dispatch(tokensReceived(given)),
  tokens: () => store.getState().auth,
  me: async () => {
    const { data, error } = await store.dispatch(pages.endpoints.me.initiate(++n));
    if (error) throw error;
    return data;
  },
  isLoggedIn: () => store.getState().auth.refresh !== '',
};`,
    files: {
      'auth.js': `import { createSlice } from '@reduxjs/toolkit';
const none = { access: '', refresh: '' };
export const { actions, reducer } = createSlice({
  name: 'auth',
  initialState: none,
  reducers: { tokensReceived: (_, { payload }) => payload, loggedOut: () => none },
});
export const { tokensReceived, loggedOut } = actions;`,
    },
  },
};

// In Node: its injector without a page, and HttpClient over fetch.
drivers['Angular'] = {
  language: 'ts',
  code: (block) => `import '@angular/compiler';
import { createEnvironmentInjector, type EnvironmentInjector, Injector, provideZonelessChangeDetection, ɵINJECTOR_SCOPE } from '@angular/core';
import { provideHttpClient, withFetch, withInterceptors, withNoXsrfProtection } from '@angular/common/http';
import { firstValueFrom } from 'rxjs';
${block.replaceAll("'./tokens'", "'./tokens.ts'")}
const providers = [
  Tokens,
  { provide: ɵINJECTOR_SCOPE, useValue: 'root' },
  provideZonelessChangeDetection(),
  provideHttpClient(withFetch(), withNoXsrfProtection(), withInterceptors([withAccessToken])),
];
const injector = createEnvironmentInjector(providers, Injector.NULL as EnvironmentInjector);
const tokens = injector.get(Tokens);
export default {
  start: (given: { access: string; refresh: string }) => tokens.save(given),
  tokens: () => ({ access: tokens.access, refresh: tokens.refresh }),
  me: () => firstValueFrom(injector.get(HttpClient).get(SERVICE + '/api/users/me')),
  isLoggedIn: () => tokens.refresh !== '',
};`,
  files: {
    'tokens.ts': `export class Tokens {
  access = '';
  refresh = '';
  save(given: { access: string; refresh: string }) { Object.assign(this, given); }
  clear() { this.save({ access: '', refresh: '' }); }
}`,
  },
};

/** Counts what passes on the way to a service. */
async function startCounter(t: TestContext, origin: string) {
  const paths: string[] = [];
  const port = await listen(t, async (request, response) => {
    const { method = 'GET', url = '', headers } = request;
    paths.push(url);
    const { authorization = '', 'content-type': type = 'application/json' } = headers;
    const body = method === 'GET' ? {} : { body: await text(request) };
    const sent = { method, ...body, headers: { authorization, 'content-type': type } };
    const answer = await fetch(origin + url, sent);
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end(await answer.text());
  });
  const refreshes = () => paths.filter((path) => path === '/api/token/refresh').length;
  return { url: `http://127.0.0.1:${port}`, refreshes };
}

async function startClient(t: TestContext, name: string, rotation: string) {
  let offset = 0;
  const clock = { now: () => Date.now() + offset };
  const { app, stop } = await startService({ GATEPASS_ROTATE_REFRESH_TOKENS: rotation }, clock);
  t.after(stop);
  const counter = await startCounter(t, app.listeningOrigin);
  const { code, files = {}, language = 'js' } = drivers[name] ?? assert.fail();
  const home = workDirectory(t);
  symlinkSync(join(folder ?? '', 'node_modules'), join(home, 'node_modules'));
  writeFileSync(join(home, 'package.json'), '{"type":"module"}');
  for (const [file, content] of Object.entries(files)) writeFileSync(join(home, file), content);
  const [block = ''] = markdown.blocksOf(markdown.sectionOf(page, name), language);
  const file = join(home, `page.${language}`);
  const here = block
    .replaceAll('http://127.0.0.1:8000', counter.url)
    .replaceAll("'/api/token/refresh'", `'${counter.url}/api/token/refresh'`);
  writeFileSync(file, code(here).replaceAll('SERVICE', `'${counter.url}'`));
  const { default: client }: { default: Driver } = await import(pathToFileURL(file).href);
  const post = (url: string, payload: object) => app.inject({ method: 'POST', url, payload });
  await post('/api/users', account);
  const given = (await post('/api/token', account)).json<Tokens>();
  client.start(given);
  return {
    client,
    given,
    refreshes: counter.refreshes,
    expire: () => {
      offset += 360_000;
    },
    logOutElsewhere: () => post('/api/token/blacklist', { refresh: client.tokens().refresh }),
  };
}

suite('docs/clients.md', { timeout: 300_000, skip }, () => {
  for (const name of Object.keys(drivers))
    for (const rotation of ['false', 'true']) {
      test(`${name}: one refresh for six requests, again and again (rotation ${rotation})`, async (t) => {
        const { client, given, refreshes, expire } = await startClient(t, name, rotation);
        for (let round = 0; round < 3; round++) {
          const people = await Promise.all(Array.from({ length: 6 }, () => client.me()));
          assert.ok(people.every(({ email }) => email === account.email));
          assert.equal(refreshes(), round);
          expire();
        }
        assert.equal(client.tokens().refresh === given.refresh, rotation === 'false');
      });

      test(`${name}: a session that has ended is not refreshed for ever (rotation ${rotation})`, async (t) => {
        const { client, refreshes, logOutElsewhere } = await startClient(t, name, rotation);
        await logOutElsewhere();
        const outcomes = await Promise.allSettled(Array.from({ length: 3 }, () => client.me()));
        assert.ok(outcomes.every(({ status }) => status === 'rejected'));
        assert.ok(refreshes() <= 3, `${refreshes()} refreshes`);
        if (name !== 'axios') assert.equal(client.isLoggedIn(), false);
      });
    }
});
