import { statSync } from 'node:fs';
import type { Command } from 'commander';
import type { Clock } from '../clock.ts';
import { type Config, ConfigError, type Environment, readConfig } from '../config/config.ts';
import {
  describeUrl,
  type PostgresAddress,
  parseDatabaseUrl,
  type SqliteAddress,
} from '../config/database-url.ts';
import { exposedHost, isLoopback, sharedSecret } from '../config/exposure.ts';
import { type OpenDatabase, openConfigured } from '../database/open.ts';
import { sqliteFault } from '../database/sqlite/version.ts';
import type { Context } from './context.ts';
import { CliError, EXIT, explain } from './failure.ts';
import { keyFindings } from './key-findings.ts';

type Finding = { check: string; level: 'ok' | 'warning' | 'fault'; message: string };

const MARKS = { ok: 'ok     ', warning: 'warning', fault: 'FAULT  ' } as const;

export function addDoctor(program: Command, { env, clock, print }: Context): void {
  program
    .command('doctor')
    .description('check the runtime, the configuration and the database; changes nothing')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  $ gatepass doctor')
    .action(async ({ json }: { json?: boolean }) => {
      const findings = await examine(env, clock);
      const lines = findings.map((f) => `${MARKS[f.level]}  ${f.check}: ${f.message}`);
      print(findings, lines.join('\n'), json);
      const faults = findings.filter((finding) => finding.level === 'fault').length;
      if (faults > 0)
        throw new CliError(EXIT.failed, `${faults} fault${faults > 1 ? 's' : ''} to mend.`);
    });
}

async function examine(env: Environment, clock: Clock): Promise<Finding[]> {
  const fault = sqliteFault();
  const runtime: Finding = {
    check: 'runtime',
    level: fault ? 'warning' : 'ok',
    message: fault ?? `Node.js ${process.version}`,
  };
  try {
    const config = readConfig(env);
    const findings: Finding[] = [
      runtime,
      ...config.warnings.map(warning),
      { check: 'configuration', level: 'ok', message: 'every variable is valid' },
      secretFinding(config),
      addressFinding(config),
    ];
    return [
      ...findings,
      ...(await databaseFindings(config)),
      ...(await keyFindings(config, clock)),
    ];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const faults = error.faults.map(
      (message): Finding => ({ check: 'configuration', level: 'fault', message }),
    );
    return [runtime, ...error.warnings.map(warning), ...faults];
  }
}

const warning = (message: string): Finding => ({
  check: 'configuration',
  level: 'warning',
  message,
});

function secretFinding(config: Config): Finding {
  const shared = sharedSecret(config);
  const origin = config.secret ? 'from GATEPASS_SECRET' : 'generated, kept in the database';
  return shared
    ? { check: 'signing secret', level: 'warning', message: shared }
    : { check: 'signing secret', level: 'ok', message: origin };
}

function addressFinding(config: Config): Finding {
  const exposed = exposedHost(config);
  if (exposed) return { check: 'address', level: 'warning', message: exposed };
  const reach = isLoopback(config.host)
    ? 'reachable from this machine only'
    : 'behind the proxies of GATEPASS_TRUSTED_PROXIES';
  return { check: 'address', level: 'ok', message: `${config.host}, ${reach}` };
}

const databaseFinding = (level: Finding['level'], message: string): Finding => ({
  check: 'database',
  level,
  message,
});

async function databaseFindings(config: Config): Promise<Finding[]> {
  const { databaseUrl } = config;
  const address = parseDatabaseUrl(databaseUrl);
  if ('fault' in address) return [];
  const findings = address.engine === 'sqlite' ? fileFindings(address) : serverFindings(address);
  if (findings === 'new')
    return [
      databaseFinding('ok', `${describeUrl(databaseUrl)} does not exist; "serve" will create it`),
    ];
  try {
    const database = openConfigured(config);
    return [...findings, ...(await examineDatabase(database))];
  } catch (error) {
    return [...findings, databaseFinding('fault', explain(error))];
  }
}

function fileFindings({ path }: SqliteAddress): Finding[] | 'new' {
  const mode = statSync(path, { throwIfNoEntry: false })?.mode;
  if (mode === undefined) return 'new';
  return (mode & 0o077) === 0
    ? []
    : [databaseFinding('warning', `${path} can be read by other users: chmod 600`)];
}

const serverFindings = ({ host = 'localhost', tls }: PostgresAddress): Finding[] =>
  tls === 'disable' && !host.startsWith('/') && !isLoopback(host)
    ? [databaseFinding('warning', `no TLS to ${host}: add ?sslmode=verify-full to the URL`)]
    : tls === 'require'
      ? [databaseFinding('warning', `sslmode=require trusts any server; verify-full does not`)]
      : [];

async function examineDatabase(database: OpenDatabase): Promise<Finding[]> {
  try {
    const pending = await database.pending();
    const isNew = pending.length > 0 && pending[0]?.startsWith('001');
    if (isNew) await database.rehearse();
    if (isNew)
      return [databaseFinding('ok', `${database.description} is empty; "serve" will fill it`)];
    const schema =
      pending.length > 0
        ? [
            databaseFinding(
              'warning',
              `the schema lacks ${pending.join(', ')}; "serve" will bring it up to date`,
            ),
          ]
        : [];
    const warnings = (await database.warnings()).map((text) => databaseFinding('warning', text));
    const damage = await database.check();
    return [
      ...schema,
      ...warnings,
      damage.length === 0
        ? databaseFinding('ok', `${database.description} is sound`)
        : databaseFinding('fault', `damaged: ${damage[0]}`),
    ];
  } finally {
    await database.close();
  }
}
