import type { Config } from '../config/config.ts';
import { exposedHosts, isLoopback, sharedSecret } from '../config/exposure.ts';
import { sqliteFault } from '../database/sqlite/version.ts';
import type { Finding } from './finding.ts';

export function runtimeFinding(): Finding {
  const fault = sqliteFault();
  return {
    check: 'runtime',
    level: fault ? 'warning' : 'ok',
    message: fault ?? `Node.js ${process.version}`,
  };
}

export const configurationWarning = (message: string): Finding => ({
  check: 'configuration',
  level: 'warning',
  message,
});

/** Findings from valid settings alone. */
export const settingsFindings = (config: Config): Finding[] => [
  ...config.warnings.map(configurationWarning),
  { check: 'configuration', level: 'ok', message: 'every variable is valid' },
  secretFinding(config),
  addressFinding(config),
];

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
