/** Dumps of `manage.py dumpdata` in each format, and in common compressions and encodings. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { runCommand } from '../support/command.ts';
import { workDirectory } from '../support/databases.ts';
import { JSON_TEXT, JSONL, OLD_YAML, WITHOUT_PK, XML, YAML } from './support/dumps.ts';

const utf16 = (text: string, isBigEndian = false) => {
  const bytes = Buffer.from(text, 'utf16le');
  return isBigEndian ? bytes.swap16() : bytes;
};
const zip = (files: Record<string, string>) =>
  Buffer.from(
    zipSync(
      Object.fromEntries(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)])),
    ),
  );
const packed = (program: string, ...args: string[]) =>
  spawnSync(program, ['-c', ...args], { input: JSON_TEXT }).stdout;
const hasProgram = (program: string) => spawnSync(program, ['--version']).error === undefined;

const DUMPS: Readonly<Record<string, string | Buffer>> = {
  JSON: JSON_TEXT,
  'JSON, indented': JSON.stringify(JSON.parse(JSON_TEXT), null, 2),
  'JSON lines': JSONL,
  'JSON lines of Windows': JSONL.replaceAll('\n', '\r\n'),
  YAML,
  'YAML of Windows': YAML.replaceAll('\n', '\r\n'),
  'YAML with a comment and the mark of a document': `# from production\n---\n${YAML}`,
  'YAML of old versions': OLD_YAML,
  XML,
  'JSON with the mark of UTF-8': `\ufeff${JSON_TEXT}`,
  'JSON in UTF-16, as PowerShell writes it': utf16(`\ufeff${JSON_TEXT}\r\n`),
  'JSON in UTF-16 without its mark': utf16(JSON_TEXT),
  'JSON in UTF-16, big-endian': utf16(`\ufeff${JSON_TEXT}`, true),
  'XML in UTF-16': utf16(`\ufeff${XML}`),
  'YAML in UTF-16': utf16(`\ufeff${YAML}`),
  'JSON lines in UTF-16': utf16(`\ufeff${JSONL}`),
  'gzip of JSON': gzipSync(JSON_TEXT),
  'gzip in two parts': Buffer.concat([
    gzipSync(JSON_TEXT.slice(0, 100)),
    gzipSync(JSON_TEXT.slice(100)),
  ]),
  'gzip of YAML in UTF-16': gzipSync(utf16(`\ufeff${YAML}`)),
  'zip of XML': zip({ 'dump.xml': XML }),
  'zip of macOS': zip({ 'dump.json': JSON_TEXT, '__MACOSX/._dump.json': 'x' }),
  ...(hasProgram('bzip2') && { 'bzip2 of JSON': packed('bzip2') }),
  ...(hasProgram('xz') && {
    'xz of JSON': packed('xz'),
    'lzma of JSON': packed('xz', '--format=lzma'),
  }),
};

async function importFile(t: TestContext, content: string | Buffer, ...more: string[]) {
  const directory = await workDirectory(t);
  // The name does not reveal the format.
  await writeFile(join(directory, 'dump.bin'), content);
  const args = ['import', 'django', '--from-json', 'dump.bin', ...more];
  const listed = async () =>
    (await runCommand(directory, ['user', 'list', '--json'])).stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  return { directory, listed, ...(await runCommand(directory, args)) };
}

for (const [name, content] of Object.entries(DUMPS)) {
  test(`a dump is recognised by its content: ${name}`, async (t) => {
    const { code, stderr, listed } = await importFile(t, content);
    assert.equal(code, 0, stderr);
    const [alice, bob, ...more] = await listed();
    assert.deepEqual(more, []);
    assert.deepEqual(alice, {
      id: 7,
      email: 'alice@example.com',
      is_active: true,
      created_at: '2024-05-06T07:08:09.123Z',
      last_login_at: null,
    });
    // NULL means not active.
    assert.deepEqual(bob, {
      id: 9,
      email: 'Bob@example.com',
      is_active: false,
      created_at: '2024-05-06T07:08:09.000Z',
      last_login_at: '2026-01-02T03:04:05.123Z',
    });
  });
}

const REFUSED: Readonly<Record<string, readonly [content: string | Buffer, message: RegExp]>> = {
  'without ids': [
    WITHOUT_PK,
    /--natural-primary, which leaves the ids of accounts\.user out\. Dump again/,
  ],
  'without ids, in XML': [XML.replaceAll(/ pk="[79]"/g, ''), /--natural-primary/],
  'without ids, in YAML': [YAML.replaceAll(/^ {2}pk: .*\n/gm, ''), /--natural-primary/],
  empty: ['', /the file is empty/],
  'of white space': ['\ufeff \n', /the file is empty/],
  'that something printed into': [
    `Loading .env\n${JSON_TEXT}`,
    /printed something .* dumpdata -o FILE/,
  ],
  'that something was printed after': [
    `${JSON_TEXT}\nbye`,
    /the JSON is damaged, cut off or mixed/,
  ],
  'cut off, in JSON': [JSON_TEXT.slice(0, -40), /the JSON is damaged, cut off/],
  'cut off, in JSON lines': [JSONL.slice(0, -40), /the JSON is damaged, cut off/],
  'cut off, in XML': [XML.slice(0, -40), /the XML is damaged, cut off/],
  'cut off after a line of YAML': [
    YAML.slice(0, YAML.lastIndexOf('    is_active')),
    /accounts\.user 9 lacks fields .* cut off/,
  ],
  'of a password in an entity': [
    XML.replace('<django', '<!DOCTYPE x [<!ENTITY x "y">]><django').replace('!unusable', '&x;'),
    /the XML is damaged/,
  ],
  'in an encoding of Windows': [
    Buffer.from([0x5b, 0x22, 0xe9, 0xf0, 0x22, 0x5d]),
    /not UTF-8\. Set PYTHONUTF8=1/,
  ],
  'of other JSON': ['[{"id":1}]', /not what "manage\.py dumpdata" writes/],
  'of one object': ['{"users":[]}', /not what "manage\.py dumpdata" writes/],
  'of other XML': ['<rss></rss>', /the XML is damaged/],
  'of other YAML': ['- one\n- two\n', /not what "manage\.py dumpdata" writes/],
  'of no users': ['[]', /No model has the columns .* Models there: none/],
  'of damaged gzip': [gzipSync(JSON_TEXT).subarray(0, 90), /packed with gzip, and damaged/],
  'of two files': [zip({ a: JSON_TEXT, b: JSON_TEXT }), /a zip archive of 2 files/],
  'of damaged zip': [zip({ a: JSON_TEXT }).subarray(0, 90), /dump\.bin: invalid zip data/],
  ...(hasProgram('xz') && {
    'of damaged xz': [packed('xz').subarray(0, 90), /packed with xz, and damaged/],
  }),
};

for (const [name, [content, message]] of Object.entries(REFUSED)) {
  test(`a dump ${name} is refused without quoting it`, async (t) => {
    const { code, stdout, stderr, directory } = await importFile(t, content);
    assert.equal(code, 1);
    assert.match(stderr, message);
    assert.match(stderr, /^[^\n]+\n$/);
    assert.doesNotMatch(stdout + stderr, /pbkdf2_|unusable| at /);
    assert.deepEqual(await readdir(directory), ['dump.bin']);
  });
}

test('a format that needs a missing program is refused with its name', async (t) => {
  const directory = await workDirectory(t);
  await writeFile(join(directory, 'd.xz'), Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]));
  await mkdir(join(directory, 'bin'));
  const { PATH } = process.env;
  process.env['PATH'] = join(directory, 'bin');
  t.after(() => {
    process.env['PATH'] = PATH;
  });
  const args = ['import', 'django', '--from-json', 'd.xz'];
  const { stderr } = await runCommand(directory, args);
  assert.match(stderr, /packed with xz, which is not installed\. Unpack the file first/);
});
