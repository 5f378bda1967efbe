/** The lockfile: every package is pinned by its hash, comes from a registry, and runs nothing when it is installed. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

type Entry = {
  readonly resolved?: string;
  readonly integrity?: string;
  readonly dev?: boolean;
  readonly link?: boolean;
  readonly license?: string;
  readonly hasInstallScript?: boolean;
};

const lock: { packages: Record<string, Entry> } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../package-lock.json'), 'utf8'),
);
const packages = Object.entries(lock.packages).filter(
  ([path, { link }]) => path.includes('node_modules/') && !link,
);
const production = packages.filter(([, { dev }]) => !dev);

test('every package has a SHA-512 and comes from a registry over HTTPS', () => {
  assert.ok(packages.length > 200, `${packages.length} packages`);
  const wrong = packages.filter(([, { integrity }]) => !integrity?.startsWith('sha512-'));
  assert.deepEqual(
    wrong.map(([path]) => path),
    [],
  );
  // npm leaves the URL out if it is that of the registry.
  const elsewhere = packages.filter(([, { resolved }]) => !/^https:/.test(resolved ?? 'https:'));
  assert.deepEqual(
    elsewhere.map(([path]) => path),
    [],
  );
});

test('no production package runs a script when it is installed', () => {
  const scripts = production.filter(([, { hasInstallScript }]) => hasInstallScript);
  assert.deepEqual(
    scripts.map(([path]) => path),
    [],
  );
});

const PERMISSIVE =
  /\b(?:MIT|ISC|Apache-2\.0|BSD-[23]-Clause|0BSD|BlueOak-1\.0\.0|Unlicense|CC0-1\.0|Python-2\.0)\b/;

test('every production package has a permissive licence', () => {
  const others = production.filter(([, { license = '' }]) => !PERMISSIVE.test(license));
  assert.deepEqual(
    others.map(([path, { license }]) => `${path} ${license}`),
    [],
  );
});
