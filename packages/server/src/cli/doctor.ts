import type { Command } from 'commander';
import type { Clock } from '../clock.ts';
import { type Config, ConfigError, type Environment, readConfig } from '../config/config.ts';
import { exposedHosts, isLoopback, sharedSecret } from '../config/exposure.ts';
import { sqliteFault } from '../database/sqlite/version.ts';
import type { Context } from './context.ts';
import { cookieFindings } from './cookie-findings.ts';
import { databaseFindings, type Finding } from './database-findings.ts';
import { CliError, EXIT } from './failure.ts';
import { keyFindings } from './key-findings.ts';
import { mailFindings } from './mail-findings.ts';

const MARKS = { ok: 'ok     ', warning: 'warning', fault: 'FAULT  ' } as const;

export function fillDoctor(command: Command, { env, clock, print }: Context): void {
  command
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  $ gatepass doctor')
    .action(async ({ json }: { json?: boolean }) => {
      const findings = await examine(env, clock);
      const lines = findings.map((f) => `${MARKS[f.level]}  ${f.check}: ${f.message}`);
      print(findings, lines.join('\n'), json);
      const faults = findings.filter((finding) => finding.level === 'fault').length;
      if (faults > 0)
        throw new CliError(EXIT.failed, `${faults} fault${faults > 1 ? 's' : ''} to fix.`);
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
      ...(await mailFindings(config)),
      ...(await cookieFindings(config)),
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
  const exposed = exposedHosts(config);
  if (exposed.length > 0)
    return { check: 'address', level: 'warning', message: exposed.join('. ') };
  const reach = isLoopback(config.host)
    ? 'reachable from this machine only'
    : 'behind the proxies of GATEPASS_TRUSTED_PROXIES';
  return { check: 'address', level: 'ok', message: `${config.host}, ${reach}` };
}
