/** Values in files: `GATEPASS_SECRET_FILE` and its like. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ConfigError, readConfig } from '../../src/config/config.ts';
import { runCommand } from '../support/command.ts';
import { workDirectory } from '../support/databases.ts';

const SECRET = '9f8c1d2be4a7053c6d1fe28b90a4c7d35e1f60b2c8a9d4e7f3b516a02c7d8e94';
const OTHER = '5b8c1d2be4a7053c6d1fe28b90a4c7d35e1f60b2c8a9d4e7f3b516a02c7d8e95';

async function place(t: TestContext) {
  const directory = await workDirectory(t);
  return (content: string | Uint8Array, mode = 0o400): string => {
    const path = join(directory, crypto.randomUUID());
    writeFileSync(path, content);
    chmodSync(path, mode);
    return path;
  };
}

function faultOf(env: Record<string, string>): string {
  try {
    readConfig(env);
    return '';
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.faults.join('\n');
  }
}

test('a secret, master keys and a database URL are read from files; one line break at the end is dropped', async (t) => {
  const file = await place(t);
  for (const end of ['', '\n', '\r\n']) {
    const config = readConfig({
      GATEPASS_SECRET_FILE: file(SECRET + end),
      GATEPASS_MASTER_KEY_FILE: file(OTHER + end),
      GATEPASS_MASTER_KEY_PREVIOUS_FILE: file(SECRET + end),
      GATEPASS_DATABASE_URL_FILE: file(`postgres://u:p@h/d${end}`),
      // What a platform sets for every program gives way.
      DATABASE_URL: 'postgres://else/where',
      GATEPASS_ISSUER_FILE: '',
    });
    assert.equal(config.secret, SECRET);
    assert.equal(config.masterKey, OTHER);
    assert.equal(config.previousMasterKey, SECRET);
    assert.equal(config.databaseUrl, 'postgres://u:p@h/d');
    assert.deepEqual(config.warnings, []);
  }
});

test('an unusable file is a fault that names the variable and shows no content', async (t) => {
  const file = await place(t);
  const directory = await workDirectory(t);
  mkdirSync(join(directory, 'd'));
  execFileSync('mkfifo', [join(directory, 'fifo')]);
  const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(SECRET, 'utf16le')]);
  const faulty: [string, RegExp][] = [
    [join(directory, 'none'), /does not exist/],
    [SECRET, /does not exist/],
    [join(directory, 'd'), /not a regular file/],
    [join(directory, 'fifo'), /not a regular file/],
    ['/dev/zero', /not a regular file/],
    [file(''), /an empty file/],
    [file('\n'), /an empty file/],
    [file(`${SECRET}\n\n`), /ends with a line break/],
    [file(`${SECRET}\n${OTHER}`), /line break in it/],
    [file(`${SECRET} \n`), /white space/],
    [file(`"${SECRET}"\n`), /in quotes/],
    [file(`\ufeff${SECRET}`), /white space/],
    [file(utf16), /not UTF-8/],
    [file('x'.repeat(70_000)), /more than 64 KiB/],
    [file(SECRET, 0o446), /any user of this machine can change/],
    [file('short'), /^GATEPASS_SECRET_FILE is shorter than 32 bytes/],
  ];
  for (const [path, words] of faulty) {
    const fault = faultOf({ GATEPASS_SECRET_FILE: path });
    assert.match(fault, /^GATEPASS_SECRET_FILE[ :]/);
    assert.match(fault, words);
    assert.ok(!fault.includes(SECRET.slice(0, 8)), fault);
  }
  if (process.getuid?.() !== 0)
    assert.match(faultOf({ GATEPASS_SECRET_FILE: file(SECRET, 0) }), /cannot be read/);
});

test('a value together with a file is a fault, and a file that others can read is a warning', async (t) => {
  const file = await place(t);
  const path = file(SECRET);
  assert.equal(
    faultOf({ GATEPASS_SECRET_FILE: path, GATEPASS_SECRET: SECRET }),
    'GATEPASS_SECRET and GATEPASS_SECRET_FILE are both set: remove one of them',
  );
  const [warning, ...more] = readConfig({ GATEPASS_SECRET_FILE: file(SECRET, 0o444) }).warnings;
  assert.match(warning ?? '', /^GATEPASS_SECRET_FILE .* can read: chmod 400$/);
  assert.deepEqual(more, []);
  // Only where it is documented.
  assert.match(
    readConfig({ GATEPASS_PORT_FILE: path }).warnings.join(),
    /GATEPASS_PORT_FILE: unknown variable, ignored/,
  );
});

test('a command works with its database URL in a file', async (t) => {
  const directory = await workDirectory(t);
  const path = join(directory, 'url');
  writeFileSync(path, `sqlite:${directory}/of-the-file.db\n`, { mode: 0o600 });
  const env = { GATEPASS_DATABASE_URL_FILE: path, GATEPASS_DATABASE_URL: '' };
  const { code, stdout } = await runCommand(directory, ['doctor'], '', env);
  assert.equal(code, 0);
  assert.match(stdout, /SQLite \S+of-the-file\.db does not exist/);
});
