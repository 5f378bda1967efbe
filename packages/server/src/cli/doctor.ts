import { statSync } from 'node:fs';
import type { Command } from 'commander';
import { ConfigError, readConfig, unknownSettings } from '../config.ts';
import { type Database, openDatabase } from '../database/open.ts';
import { print } from './context.ts';
import { CliError, EXIT, explain } from './failure.ts';
import { sqliteFault } from './sqlite-version.ts';

type Finding = { check: string; level: 'ok' | 'warning' | 'fault'; message: string };

const MARKS = { ok: 'ok     ', warning: 'warning', fault: 'FAULT  ' } as const;

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('check the runtime, the configuration and the database; changes nothing')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  $ gatepass doctor')
    .action(async ({ json }: { json?: boolean }) => {
      const findings = await examine();
      const lines = findings.map((f) => `${MARKS[f.level]}  ${f.check}: ${f.message}`);
      print(findings, lines.join('\n'), json);
      const faults = findings.filter((finding) => finding.level === 'fault').length;
      if (faults > 0)
        throw new CliError(EXIT.failed, `${faults} fault${faults > 1 ? 's' : ''} to mend.`);
    });
}

async function examine(): Promise<Finding[]> {
  const fault = sqliteFault();
  const runtime: Finding = {
    check: 'runtime',
    level: fault ? 'warning' : 'ok',
    message: fault ?? `Node.js ${process.version}`,
  };
  const strangers = unknownSettings().map(
    (name): Finding => ({
      check: 'configuration',
      level: 'warning',
      message: `${name} is no setting of this version and is ignored`,
    }),
  );
  try {
    const config = readConfig();
    const findings: Finding[] = [
      runtime,
      ...strangers,
      { check: 'configuration', level: 'ok', message: 'every variable is valid' },
      secretFinding(config.secret),
      addressFinding(config.host),
    ];
    return [...findings, ...(await databaseFindings(config.databaseUrl))];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const faults = error.faults.map(
      (message): Finding => ({ check: 'configuration', level: 'fault', message }),
    );
    return [runtime, ...strangers, ...faults];
  }
}

const secretFinding = (secret: string): Finding => ({
  check: 'signing secret',
  level: 'ok',
  message: secret
    ? 'from GATEPASS_SECRET'
    : 'generated, kept in the database (whoever reads the file can sign tokens)',
});

const addressFinding = (host: string): Finding =>
  ['127.0.0.1', '::1', 'localhost'].includes(host)
    ? { check: 'address', level: 'ok', message: `${host}, reachable from this machine only` }
    : {
        check: 'address',
        level: 'warning',
        message: `${host} is reachable from outside over plain HTTP: put a TLS proxy in front`,
      };

async function databaseFindings(url: string): Promise<Finding[]> {
  const check = 'database';
  const path = url.replace(/^sqlite:/, '');
  const mode = statSync(path, { throwIfNoEntry: false })?.mode;
  if (mode === undefined)
    return [{ check, level: 'ok', message: `${path} does not exist; "serve" will create it` }];
  const findings: Finding[] = [];
  if ((mode & 0o077) !== 0) {
    findings.push({
      check,
      level: 'warning',
      message: `${path} can be read by other users: chmod 600`,
    });
  }
  try {
    const database = openDatabase(url);
    const [pending, damage] = await examineDatabase(database);
    if (pending.length > 0) {
      const message = `the schema lacks ${pending.join(', ')}; "serve" will bring it up to date`;
      findings.push({ check, level: 'warning', message });
    }
    findings.push(
      damage.length === 0
        ? { check, level: 'ok', message: `${database.description} is sound` }
        : { check, level: 'fault', message: `damaged: ${damage[0]}` },
    );
  } catch (error) {
    findings.push({ check, level: 'fault', message: explain(error) });
  }
  return findings;
}

async function examineDatabase(database: Database) {
  try {
    return [await database.pending(), await database.check()] as const;
  } finally {
    await database.close();
  }
}
