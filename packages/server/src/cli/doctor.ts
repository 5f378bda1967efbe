import type { Command } from 'commander';
import type { Clock } from '../clock.ts';
import { ConfigError, type Environment, readConfig } from '../config/config.ts';
import { cookieFindings } from '../doctor/cookie-findings.ts';
import type { Finding } from '../doctor/finding.ts';
import { mailFindings } from '../doctor/mail-findings.ts';
import {
  configurationWarning,
  runtimeFinding,
  settingsFindings,
} from '../doctor/settings-findings.ts';
import type { Context } from './context.ts';
import { databaseFindings } from './database-findings.ts';
import { CliError, EXIT } from './failure.ts';
import { keyFindings } from './key-findings.ts';

const MARKS = { ok: 'ok     ', warning: 'warning', fault: 'FAULT  ' } as const;

export function fillDoctor(command: Command, { env, clock, print }: Context): void {
  command
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  $ gatepass doctor')
    .action(async ({ json }: { json?: boolean }) => {
      const findings = await findingsOf(env, clock);
      const lines = findings.map((f) => `${MARKS[f.level]}  ${f.check}: ${f.message}`);
      print(findings, lines.join('\n'), json);
      const faults = findings.filter((finding) => finding.level === 'fault').length;
      if (faults > 0)
        throw new CliError(EXIT.failed, `${faults} fault${faults > 1 ? 's' : ''} to fix.`);
    });
}

async function findingsOf(env: Environment, clock: Clock): Promise<Finding[]> {
  const runtime = runtimeFinding();
  try {
    const config = readConfig(env);
    return [
      runtime,
      ...settingsFindings(config),
      ...(await databaseFindings(config)),
      ...(await keyFindings(config, clock)),
      ...(await mailFindings(config)),
      ...(await cookieFindings(config)),
    ];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const faults = error.faults.map(
      (message): Finding => ({ check: 'configuration', level: 'fault', message }),
    );
    return [runtime, ...error.warnings.map(configurationWarning), ...faults];
  }
}
