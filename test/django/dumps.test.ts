/** What `manage.py dumpdata` of this Django writes, in every format and packing that it knows. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCommand } from '../../packages/server/test/support/command.ts';
import { post } from '../../packages/server/test/support/process.ts';
import { STACKS } from './django.ts';
import { logIn, prepare } from './moving.ts';

const FORMATS = ['json', 'jsonl', 'xml', 'yaml'];
const PACKINGS = ['', '.gz', '.bz2', '.xz', '.lzma'].filter(
  (ending) =>
    !/b|x|l/.test(ending) ||
    ['bzip2', 'xz'].every((name) => spawnSync(name, ['--version']).status === 0),
);
const OPTIONS = ['--indent 2', '--natural-foreign', '--all'];
const NATURAL = ['--natural-primary', '--natural-primary --natural-foreign --indent 4'];

type Dump = { readonly file: string; readonly format: string; readonly options: string };

// The names say nothing of the format.
const named = (format: string, options: string, packing = ''): Dump => {
  const file = `${FORMATS.indexOf(format)} ${options}${packing}`;
  return { file, format, options };
};
const DUMPS = FORMATS.flatMap((format) => [
  ...PACKINGS.map((packing) => named(format, '', packing)),
  ...OPTIONS.map((options) => named(format, options)),
]);
const WITHOUT_IDS = FORMATS.flatMap((format) => NATURAL.map((options) => named(format, options)));

/** All of them in one process: each start of Python costs a second. */
const scriptOf = (dumps: readonly Dump[]) => `
import json
from django.core.management import call_command
for dump in json.loads(${JSON.stringify(JSON.stringify(dumps))}):
    options = ["--format", dump["format"], "-o", dump["file"], *dump["options"].split()]
    call_command("dumpdata", "accounts", "token_blacklist", *options)
`;

for (const stack of STACKS)
  test(`every dump of ${stack.name} is read with the same result`, {
    skip: stack.missing,
  }, async (t) => {
    const { directory, django } = await prepare(t, stack, { DJANGO_HASHERS: 'Argon2' });
    await django.start();
    const [[email, password] = ['', ''], [other, otherPassword] = ['', '']] = django.users;
    const { refresh } = await logIn(django.url, email, password);
    await logIn(django.url, other, otherPassword);
    await post(django.url, '/api/token/blacklist', { refresh });
    await django.stop();
    const plan = async (source: string, file: string) => {
      const args = ['import', 'django', source, file, '--dry-run', '--json'];
      const { stdout, stderr } = await runCommand(directory, args);
      assert.notEqual(stdout, '', `${file}: ${stderr}`);
      const { importable, table, faults, ids_above } = JSON.parse(stdout);
      return { importable, table, faults, ids_above };
    };
    const read = await plan('--from', 'sqlite:db.sqlite3');
    assert.equal(read.importable, django.users.length + 1);
    const expected = { ...read, table: 'accounts.user', ids_above: read.ids_above + 1_000_000 };
    const inPlace = (dump: Dump) => ({ ...dump, file: join(directory, dump.file) });
    const made = django.shell(scriptOf([...DUMPS, ...WITHOUT_IDS].map(inPlace)), {});
    assert.equal(made.code, 0, made.stderr);
    for (const { file, format } of DUMPS) {
      assert.deepEqual(await plan('--from-json', file), expected, `${format}, ${file}`);
      if (!file.endsWith(' ')) continue;
      const text = await readFile(join(directory, file), 'utf8');
      await writeFile(join(directory, 'utf16'), Buffer.from(`\ufeff${text}`, 'utf16le'));
      assert.deepEqual(await plan('--from-json', 'utf16'), expected, `${format}, PowerShell`);
    }
    for (const { file, format } of WITHOUT_IDS) {
      const { stderr } = await runCommand(directory, ['import', 'django', '--from-json', file]);
      assert.match(stderr, /--natural-primary/, `${format}, ${file}`);
    }
    const done = await runCommand(directory, [
      'import',
      'django',
      '--from-json',
      named('jsonl', '', '.gz').file,
      '--json',
    ]);
    assert.deepEqual(
      [JSON.parse(done.stdout).imported, JSON.parse(done.stdout).logouts],
      [read.importable, 1],
    );
  });
