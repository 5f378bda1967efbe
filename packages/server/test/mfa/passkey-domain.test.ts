/** A changed domain makes passkeys useless: `doctor` and the admin API say so, with their number. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from '../../src/config/config.ts';
import { passkeyFindings } from '../../src/doctor/passkey-finding.ts';
import { runCommand } from '../support/command.ts';
import { databaseOf, workDirectory } from '../support/databases.ts';
import { startWithPasskey, WITH_SITE } from './support/key-holder.ts';

test('doctor says how many passkeys were made for another domain; an older one is known after its next use', async (t) => {
  const directory = await workDirectory(t);
  const url = await databaseOf(directory);
  const { service, show } = await startWithPasskey(t, { GATEPASS_DATABASE_URL: url });
  const doctor = async (variables: Record<string, string>) => {
    const { stdout, code } = await runCommand(directory, ['doctor'], '', variables);
    assert.equal(code, 0, stdout);
    return stdout.split('\n').find((line) => line.includes('passkeys:'));
  };
  const moved = { GATEPASS_PUBLIC_URL: 'https://login.example.com' };
  const warning =
    /^warning {2}passkeys: 1 of 1 cannot be used: they were made for id\.example\.com \(1\), and the domain is login\.example\.com now/;
  assert.equal(await doctor(WITH_SITE), 'ok       passkeys: 1, for id.example.com');
  assert.match(String(await doctor(moved)), warning);
  const above = { ...WITH_SITE, GATEPASS_PASSKEY_DOMAIN: 'example.com' };
  assert.match(String(await doctor(above)), /the domain is example\.com now/);
  assert.match(
    String(await doctor({})),
    /warning .* 1 cannot be used: they need an https GATEPASS/,
  );
  assert.equal(await doctor({ ...moved, GATEPASS_MFA: 'off' }), undefined);

  // As a row of an earlier version.
  await service.database.transaction(({ db }) =>
    db.updateTable('passkeys').set({ domain: null }).execute(),
  );
  assert.match(String(await doctor(moved)), /^ok .* of 1 the domain is not known until their next/);
  assert.equal((await show()).status, 200);
  assert.match(String(await doctor(moved)), warning);
});

test('passkeys of several former domains are counted for each', () => {
  const counts = [
    { domain: 'a.example', count: 2 },
    { domain: 'b.example', count: 3 },
    { domain: 'id.example.com', count: 4 },
    { domain: undefined, count: 5 },
  ];
  const [found] = passkeyFindings(readConfig(WITH_SITE), counts);
  assert.equal(found?.level, 'warning');
  assert.match(found?.message ?? '', /^5 of 14 .* for a\.example \(2\), b\.example \(3\), and/);
  assert.deepEqual(passkeyFindings(readConfig(WITH_SITE), []), []);
});
