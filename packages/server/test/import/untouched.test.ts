/** A source in SQLite: read with everything that is committed, and left byte for byte as it was. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { runCommand } from '../support/command.ts';
import { workDirectory } from '../support/databases.ts';
import { HASH } from './support/place.ts';

const TABLE =
  'create table auth_user (id integer primary key autoincrement, email text, password text)';
const insert = (id: number) =>
  `insert into auth_user values (${id}, 'user${id}@example.com', '${HASH}')`;

/** Writes user 1, then user 2, and does not close the file, as after a crash or with a running server. */
const writer = (mode: string, end: string) => `
  import { DatabaseSync } from 'node:sqlite';
  const sqlite = new DatabaseSync('source/db.sqlite3');
  sqlite.exec(\`pragma journal_mode = ${mode}; ${TABLE}; ${insert(1)}; pragma wal_checkpoint(truncate)\`);
  sqlite.exec(\`${insert(2)}\`);
  ${end}`;

/** A file that is closed. */
const closed = (mode: string) => async (directory: string) => {
  const sqlite = new DatabaseSync(join(directory, 'source/db.sqlite3'));
  sqlite.exec(`pragma journal_mode = ${mode}; ${TABLE}; ${insert(1)}; ${insert(2)}`);
  sqlite.close();
};

const crashed = (mode: string, end: string) => async (directory: string) => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', writer(mode, end)], {
    cwd: directory,
    stdio: 'ignore',
  });
  await once(child, 'exit');
};

const KILL = "process.kill(process.pid, 'SIGKILL')";
/** A transaction that has begun to write into the file when the process dies. */
const HALF_WAY = `
  sqlite.exec('pragma cache_size = 1; begin');
  for (let i = 3; i < 500; i++) sqlite.exec("insert into auth_user values (" + i + ", 'x', hex(zeroblob(500)))");
  ${KILL}`;

async function open(t: TestContext, directory: string): Promise<void> {
  const child = spawn(
    process.execPath,
    ['--input-type=module', '-e', writer('wal', 'console.log(1); setInterval(() => {}, 1000);')],
    { cwd: directory, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
}

type Source = {
  readonly prepare: (directory: string, t: TestContext) => Promise<void>;
  /** The suffixes of the files beside the source. */
  readonly files: readonly string[];
};

const SOURCES: Readonly<Record<string, Source>> = {
  'closed, with a rollback journal': { prepare: closed('delete'), files: [] },
  'closed, in WAL mode': { prepare: closed('wal'), files: [] },
  'closed, with a journal that stays': { prepare: closed('persist'), files: ['-journal'] },
  'open in WAL mode': { prepare: (directory, t) => open(t, directory), files: ['-shm', '-wal'] },
  'left by a crash in WAL mode': { prepare: crashed('wal', KILL), files: ['-shm', '-wal'] },
  'left by a crash in WAL mode, copied without its -shm': {
    async prepare(directory) {
      await crashed('wal', KILL)(directory);
      await rm(join(directory, 'source/db.sqlite3-shm'));
    },
    files: ['-wal'],
  },
  'left by a crash in the middle of a transaction': {
    prepare: crashed('delete', HALF_WAY),
    files: ['-journal'],
  },
};

async function fingerprint(directory: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of (await readdir(directory)).sort())
    found[name] = createHash('sha256')
      .update(await readFile(join(directory, name)))
      .digest('hex');
  return found;
}

const copies = async () =>
  (await readdir(tmpdir())).filter((name) => name.startsWith('gatepass-import-'));

for (const [name, { prepare, files }] of Object.entries(SOURCES)) {
  test(`a file is read completely and left untouched: ${name}`, async (t) => {
    const directory = await workDirectory(t);
    const source = join(directory, 'source');
    await mkdir(source);
    await prepare(directory, t);
    const before = await fingerprint(source);
    const copiesBefore = await copies();
    await symlink('source/db.sqlite3', join(directory, 'link.db'));
    assert.deepEqual(
      Object.keys(before).map((file) => file.replace('db.sqlite3', '')),
      ['', ...files],
    );
    await chmod(source, 0o555);
    for (const path of ['source/db.sqlite3', 'link.db', join(source, 'db.sqlite3')]) {
      const args = ['import', 'django', '--from', `sqlite:${path}`, '--dry-run', '--json'];
      const { stdout, stderr } = await runCommand(directory, args);
      assert.notEqual(stdout, '', stderr);
      const { importable, ids_above } = JSON.parse(stdout);
      assert.deepEqual([importable, ids_above], [2, 2], path);
      assert.deepEqual(await fingerprint(source), before, path);
    }
    await chmod(source, 0o755);
    assert.deepEqual(await copies(), copiesBefore);
  });
}

test('file names may contain blanks, percent and plus signs', async (t) => {
  const directory = await workDirectory(t);
  for (const name of ['my db.sqlite3', '100%.db', 'a+b.db']) {
    const sqlite = new DatabaseSync(join(directory, name));
    sqlite.exec(`${TABLE}; ${insert(1)}`);
    sqlite.close();
    const args = ['import', 'django', '--from', `sqlite:${name}`, '--dry-run'];
    const { code, stderr } = await runCommand(directory, args);
    assert.equal(code, 0, `${name}: ${stderr}`);
  }
});

test('a file that is not a database is refused with one sentence and left untouched', async (t) => {
  const directory = await workDirectory(t);
  await mkdir(join(directory, 'folder'));
  for (const [name, message] of [
    ['nowhere.db', /^nowhere\.db: unable to open database file\n$/],
    ['folder', /^folder: /],
  ] as const) {
    const { code, stderr } = await runCommand(directory, [
      'import',
      'django',
      '--from',
      `sqlite:${name}`,
    ]);
    assert.equal(code, 1);
    assert.match(stderr, message);
  }
  assert.deepEqual(await readdir(directory), ['folder']);
});
