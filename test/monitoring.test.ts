/** The dashboard, the alerts and the runbook speak of metrics that a running server has. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { EVENTS } from '../packages/server/src/audit/event.ts';
import { type Exposition, metricsUrl, scrape } from '../packages/server/test/support/metrics.ts';
import { startProcess, workDirectory } from '../packages/server/test/support/process.ts';
import * as markdown from './support/markdown.ts';
import { refusalCodes } from './support/refusals.ts';
import { routesOf, startService } from './support/service.ts';

const ROOT = join(import.meta.dirname, '..');
const source = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const ALERTS = source('docs/monitoring/alerts.yml');
const OPERATIONS = source('docs/operations.md');
const DASHBOARD = 'docs/monitoring/grafana-dashboard.json';

type Panel = { title: string; targets?: { expr: string }[] };
const { panels } = JSON.parse(source(DASHBOARD)) as { panels: Panel[] };
const dashboard = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
const pages: Record<string, string> = {
  [DASHBOARD]: dashboard.join('\n'),
  'docs/monitoring/alerts.yml': ALERTS,
  'docs/operations.md': OPERATIONS,
};
const namesIn = (text: string) =>
  [...text.matchAll(/\b(?:gatepass|nodejs|process)_[a-z\d_]*[a-z\d]\b/g)].map(([name]) => name);
const labelled = (label: string) =>
  Object.values(pages)
    .flatMap((text) => [...text.matchAll(new RegExp(`\\b${label}(!?=~?)"([^"]*)"`, 'g'))])
    .map(([, operator = '', value = '']) => [operator, value] as const);

describe('monitoring', () => {
  let metrics: Exposition;
  before(async () => {
    const cleanUps: (() => unknown)[] = [];
    const context = { after: (work: () => unknown) => cleanUps.push(work) } as never;
    // Two, because some metrics are of the parent of workers.
    const server = await startProcess(context, await workDirectory(context), {
      GATEPASS_METRICS_PORT: '0',
      GATEPASS_WORKERS: '2',
    });
    metrics = await scrape(metricsUrl(server));
    server.child.kill('SIGTERM');
    await server.exited;
    for (const work of cleanUps) await work();
  });

  for (const [path, text] of Object.entries(pages)) {
    test(`every metric of ${path} is there`, () => {
      const names = namesIn(text);
      assert.ok(names.length > 10, `${names.length} names were found`);
      assert.deepEqual(
        names.filter((name) => !metrics.names.has(name)),
        [],
      );
    });
  }

  test('docs/operations.md has every metric of ours', () => {
    const rows = markdown.rowsOf(markdown.sectionOf(OPERATIONS, 'Metrics'));
    const documented = rows
      .filter(([name]) => name?.startsWith('`gatepass_'))
      .map(([name = '', type]) => `${markdown.unquote(name)} ${type}`);
    const real = [...metrics.text.matchAll(/^# TYPE (gatepass_\S+ \w+)$/gm)].map(
      ([, each = '']) => each,
    );
    assert.deepEqual(documented.sort(), real.sort());
  });
});

test('every alert has its row in the runbook, and every row its alert', () => {
  const rows = markdown.rowsOf(markdown.sectionOf(OPERATIONS, 'What to do at 3 a.m.'));
  const documented = rows.map(([name = '']) => markdown.unquote(name)).filter((name) => name);
  const alerts = [...ALERTS.matchAll(/^ +- alert: (\w+)$/gm)].map(([, name]) => name);
  assert.ok(alerts.length > 5);
  assert.deepEqual(documented.filter((name) => /^Gatepass/.test(name)).sort(), alerts.sort());
});

test('the queries ask for routes, codes and events that exist', async () => {
  const { app, stop } = await startService();
  const routes = [...(await routesOf(app)).map(([path]) => path), 'none'];
  await stop();
  const known: Record<string, readonly string[]> = {
    route: routes,
    code: refusalCodes,
    event: EVENTS,
    status: ['2xx', '4xx', '5xx'],
  };
  for (const [label, values] of Object.entries(known)) {
    const asked = labelled(label);
    for (const [operator, value] of asked) {
      const matches = operator.endsWith('~')
        ? value
            .split('|')
            .every((part) => values.some((each) => new RegExp(`^${part}$`).test(each)))
        : values.includes(value);
      assert.ok(matches, `${label}${operator}"${value}"`);
    }
    if (label !== 'code') assert.ok(asked.length > 0, label);
  }
});
