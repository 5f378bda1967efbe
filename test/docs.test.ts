/** The documentation tells the truth: names, defaults, routes, codes, links. Its code: docs-code.test.ts. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { after, test } from 'node:test';
import { EXIT } from '../packages/server/src/cli/failure.ts';
import { settings } from '../packages/server/src/config/settings.ts';
import { withTables } from '../scripts/errors-page.ts';
import { allCommands, isCommand } from './support/commands.ts';
import * as markdown from './support/markdown.ts';
import { allDetails } from './support/refusals.ts';
import { routesIn, routesOf, startService } from './support/service.ts';
import { isVariable } from './support/variables.ts';

const ROOT = join(import.meta.dirname, '..');
const pages = markdown.pagesOf(ROOT);
const page = (path: string) => pages.find((each) => each.path === path)?.text ?? '';
const source = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const { database, app, createAdmin, stop } = await startService();
const admin = createAdmin();
const adminUrl = await admin.listen({ host: '127.0.0.1', port: 0 });
const adminRoutes = routesIn(
  await fetch(`${adminUrl}/api/admin/openapi.json`).then((response) => response.json()),
);
after(async () => {
  await admin.close();
  await stop();
});

/** What is wrong, one line each, page by page. */
const faults = (find: (each: markdown.Page) => string[]) =>
  pages.flatMap((each) => find(each).map((fault) => `${each.path}: ${fault}`));

test('each decision has a number of its own', () => {
  const numbers = pages.flatMap(({ path }) => /decisions\/(\d{3})-/.exec(path)?.[1] ?? []);
  assert.deepEqual(numbers, [...new Set(numbers)]);
});

test('docs/configuration.md has every variable, its default and its bounds', () => {
  const documented = markdown
    .rowsOf(page('docs/configuration.md'))
    .filter(([name]) => name?.startsWith('`GATEPASS_'))
    .map(([name, fallback, expects, effect = '']) => [
      name,
      fallback,
      expects,
      [...effect.matchAll(/Alias: `(\w+)`/g)].map(([, alias]) => alias),
    ]);
  const real = Object.entries(settings).map(([name, setting]) => [
    `\`${name}\``,
    setting.fallback === '' ? '_empty_' : `\`${setting.fallback}\``,
    setting.expects,
    'aliases' in setting ? setting.aliases : [],
  ]);
  assert.deepEqual(documented, real);
});

test('no page names a variable that does not exist', () => {
  const unknown = faults(({ text }) =>
    [...text.matchAll(/\bGATEPASS_[A-Z][A-Z_]*/g)]
      .map(([name]) => name)
      .filter((name) => !isVariable(name)),
  );
  assert.deepEqual(unknown, []);
});

test('the defaults in the README are the defaults', () => {
  const defaults = new Map(Object.entries(settings).map(([name, each]) => [name, each.fallback]));
  for (const path of ['README.md', 'README.ru.md']) {
    const rows = markdown.rowsOf(page(path)).filter(([name]) => name?.startsWith('`GATEPASS_'));
    assert.ok(rows.length > 0, path);
    for (const [names = '', cell = ''] of rows) {
      const stated = markdown.spansOf(cell);
      const real = markdown.spansOf(names).map((name) => defaults.get(name));
      assert.deepEqual(stated, real.filter(Boolean), `${path}: ${names}`);
    }
  }
});

test('every route is documented in both languages', async () => {
  const routes = (await routesOf(app)).flatMap(([path, methods]) =>
    methods.map((method) => `${method} ${path}`),
  );
  assert.ok(routes.includes('POST /api/token') && routes.includes('DELETE /api/sessions/:id'));
  for (const path of ['docs/api.md', 'docs/api.ru.md']) {
    const code = markdown
      .codeOf(page(path))
      .map((each) => each.replace('http://127.0.0.1:8000', '').replace(/\?.*/, ''));
    assert.deepEqual(
      routes.filter((route) => !code.includes(route)),
      [],
      path,
    );
  }
});

test('every route of the admin listener is documented', () => {
  const documented = markdown.codeOf(page('docs/admin.md'));
  const routes = adminRoutes.flatMap(([path, methods]) => methods.map((each) => `${each} ${path}`));
  assert.ok(routes.includes('POST /api/admin/login'));
  assert.deepEqual(
    routes.filter((route) => !documented.includes(route)),
    [],
  );
});

test('every path of the API that a page mentions exists', async () => {
  const mentioned = (text: string) =>
    [...text.matchAll(/\/api\/[a-z][\w/.-]*/g)].map(([path]) => path.replace(/[./]+$/, ''));
  const existing = new Set([...(await routesOf(app)), ...adminRoutes].map(([path]) => path));
  existing.add('/api/admin/openapi.json');
  for (const path of new Set(pages.flatMap(({ text }) => mentioned(text)))) {
    // A stream has no end to wait for.
    if (existing.has(path)) continue;
    if ((await app.inject(path)).statusCode !== 404) existing.add(path);
  }
  assert.ok(existing.has('/api/token/verify'));
  assert.deepEqual(
    faults(({ text }) => mentioned(text).filter((path) => !existing.has(path))),
    [],
  );
});

test('every link within the repository leads somewhere', () => {
  const broken = faults(({ path, text }) =>
    markdown.linksOf(text).filter((link) => {
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? path : join(dirname(path), file);
      if (!existsSync(join(ROOT, target))) return true;
      if (anchor === undefined || statSync(join(ROOT, target)).isDirectory()) return false;
      return !markdown.anchorsOf(page(relative(ROOT, join(ROOT, target)))).has(anchor);
    }),
  );
  assert.deepEqual(broken, []);
});

test('every npm script that a page mentions exists', () => {
  const { scripts } = JSON.parse(source('package.json')) as { scripts: Record<string, string> };
  const unknown = faults(({ text }) =>
    [...text.matchAll(/\bnpm (?:run (?:-s )?([a-z][\w:-]*)|(start|test)\b)/g)]
      .map(([, script, short]) => script ?? short ?? '')
      .filter((script) => !(script in scripts)),
  );
  assert.deepEqual(unknown, []);
});

test('every gatepass command that a page mentions exists, and docs/cli.md has all', () => {
  const unknown = faults(({ text }) =>
    markdown
      .codeOf(text)
      .flatMap((code) => [
        ...code.matchAll(/\bgatepass (?:-- )?([a-z][a-z-]*)(?: ([a-z][a-z-]*))?/g),
      ])
      .filter(([, name = '', sub]) => !isCommand(name, sub))
      .map(([command]) => command),
  );
  assert.deepEqual(unknown, []);
  assert.deepEqual(
    allCommands.filter((command) => !page('docs/cli.md').includes(command)),
    [],
  );
});

test('docs/cli.md has the exit codes', () => {
  const rows = markdown.rowsOf(markdown.sectionOf(page('docs/cli.md'), 'Exit codes'));
  const documented = rows.filter(([code = '']) => /^\d+$/.test(code));
  const words = (name: string) => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  assert.deepEqual(
    documented.map(([code, name]) => [Number(code), name]),
    [[0, 'done'], ...Object.entries(EXIT).map(([name, code]) => [code, words(name)])],
  );
});

test('docs/errors.md is made from the refusals: node scripts/errors-page.ts writes it', () => {
  assert.equal(page('docs/errors.md').match(/made by scripts/g)?.length, 4);
  assert.equal(withTables(page('docs/errors.md')), page('docs/errors.md'));
});

test('the API pages quote messages of the service', () => {
  const details = allDetails();
  for (const path of ['docs/api.md', 'docs/api.ru.md']) {
    const quoted = markdown
      .codeOf(page(path))
      .flatMap((code) => (/^\{\s*"detail"[\s\S]*\}$/.test(code.trim()) ? [JSON.parse(code)] : []))
      .map(({ detail }: { detail: string }) => detail);
    assert.ok(quoted.length > 20);
    assert.deepEqual(
      quoted.filter((sentence) => !details.has(sentence)),
      [],
      path,
    );
  }
});

test('docs/storage.md has every table and column', async () => {
  const tables = await database.db.introspection.getTables();
  assert.ok(tables.length > 5);
  for (const { name, columns } of tables) {
    const rows = markdown.rowsOf(markdown.sectionOf(page('docs/storage.md'), name));
    assert.deepEqual(
      rows.slice(1).map(([column]) => markdown.unquote(column)),
      columns.map((column) => column.name),
    );
  }
});

test('no page names a registry or a path of a machine', () => {
  const pattern =
    /\bregistry\.|npmjs\.|pypi\.org|verdaccio|artifactory|\.\.\/shared|(?<![\w.])\/(?:work|home|root|Users|tmp|mnt)\//;
  assert.deepEqual(
    faults(({ text }) => pattern.exec(text)?.slice(0, 1) ?? []),
    [],
  );
});
