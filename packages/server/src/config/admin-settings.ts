/** The settings of the admin listener. */
import { overlap } from './exposure.ts';
import { publicUrl } from './mail-settings.ts';
import { either, hostName, integer, networks, oneOf, type Setting } from './values.ts';

const PORTS = integer(0, 65_535);

export const adminSettings = {
  GATEPASS_ADMIN_PORT: {
    fallback: '',
    expects: 'off or a port number from 0 (any free port) to 65535; empty for GATEPASS_PORT + 1',
    parse: either('next', '', either('off', 'off', PORTS)),
  } satisfies Setting<number | 'off' | 'next'>,
  GATEPASS_ADMIN_HOST: {
    fallback: '127.0.0.1',
    expects: 'an IP address or host name to listen on',
    parse: hostName,
  } satisfies Setting<string>,
  GATEPASS_ADMIN_URL: {
    fallback: '',
    expects: 'the URL under which administrators open it, such as https://admin.example.com',
    parse: publicUrl,
  } satisfies Setting<string>,
  GATEPASS_ADMIN_NETWORKS: {
    fallback: '',
    expects: 'IP addresses or networks separated by commas, such as 10.0.0.0/8,192.0.2.7',
    parse: networks,
  } satisfies Setting<readonly string[]>,
  GATEPASS_ADMIN_SECOND_FACTOR: {
    fallback: 'optional',
    expects: 'optional or required',
    parse: oneOf('optional', 'required'),
  } satisfies Setting<'optional' | 'required'>,
} as const;

type Listeners = {
  readonly host: string;
  readonly port: number;
  readonly metricsHost: string;
  readonly metricsPort: number | 'off';
  readonly adminHost: string;
  readonly adminPort: number | 'off' | 'next';
  readonly adminSecondFactor: 'optional' | 'required';
  readonly mfa: 'optional' | 'required' | 'off';
};

/** Two listeners that were given the same port; a factor that no account may have. */
export function adminFaults(config: Listeners): string[] {
  const { adminHost, adminPort: port } = config;
  if (config.adminSecondFactor === 'required' && config.mfa === 'off')
    return ['GATEPASS_ADMIN_SECOND_FACTOR=required needs GATEPASS_MFA other than off'];
  if (typeof port !== 'number' || port === 0) return [];
  const others = [
    { name: 'GATEPASS_PORT', host: config.host, port: config.port },
    { name: 'GATEPASS_METRICS_PORT', host: config.metricsHost, port: config.metricsPort },
  ];
  return others
    .filter((other) => other.port === port && overlap(adminHost, other.host))
    .map(({ name }) => `GATEPASS_ADMIN_PORT must not be the same as ${name}`);
}
