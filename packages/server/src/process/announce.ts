/** Messages at the start: warnings, and the address when the service listens. */
import cluster from 'node:cluster';
import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import { describeUrl } from '../config/database-url.ts';
import { exposedHosts } from '../config/exposure.ts';
import type { OpenDatabase } from '../database/open.ts';

/** Logs the warnings once, for all workers, before the line that says that the service listens. */
export function advise(config: Config, logger: Logger): void {
  if (cluster.isWorker) return;
  for (const warning of config.warnings) logger.warn(warning);
  for (const exposed of exposedHosts(config)) logger.warn(exposed);
  if (config.rateLimits === 'off')
    logger.warn('GATEPASS_RATE_LIMITS=off: passwords can be guessed as fast as they are hashed');
}

/** `process.stdout` is one. */
export type Output = { readonly isTTY?: boolean; write(text: string): unknown };

type Listening = {
  readonly port: number;
  readonly workers: number;
  readonly metricsUrl: string | undefined;
  readonly adminUrl: string | undefined;
  /** The token that makes the first administrator; `undefined` if there is one. */
  readonly setUpToken: string | undefined;
  /** Whether the next step is to create the first account. */
  readonly isUnused: boolean;
};

/** Logs the address of the service and of its documentation; on a terminal, also the next step. */
export function announce(
  config: Config,
  logger: Logger,
  output: Output,
  listening: Listening,
): void {
  const url = urlOf(config.host, listening.port);
  logger.info(
    {
      url,
      ...(config.docs === 'on' && { docs: `${url}/docs` }),
      database: describeUrl(config.databaseUrl),
      workers: listening.workers,
      ...(listening.adminUrl !== undefined && { admin: listening.adminUrl }),
      ...(listening.metricsUrl !== undefined && { metrics: listening.metricsUrl }),
    },
    'Gatepass is listening',
  );
  if (!output.isTTY) return;
  if (listening.isUnused) output.write(firstStep(config.host, listening.port));
  const { adminUrl, setUpToken: token } = listening;
  if (adminUrl === undefined || token === undefined) return;
  const command = acceptance(adminUrl, { token, email: 'you@example.com' });
  output.write(`Create the first administrator, once and within an hour:\n${command}\n`);
}

/** Whether the first account can be created over HTTP, and there is none yet. */
export async function isUnused({ registration }: Config, { db }: OpenDatabase): Promise<boolean> {
  if (registration !== 'open') return false;
  return (await db.selectFrom('users').select('id').limit(1).execute()).length === 0;
}

/** A command that can be pasted: an address such as 0.0.0.0 is replaced by one to connect to. */
export function firstStep(host: string, port: number): string {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? 'localhost' : host;
  const body = '{"email":"you@example.com","password":"correct horse 9 battery"}';
  return `
Create the first account:

  curl -s ${urlOf(reachable, port)}/api/users -H 'content-type: application/json' -d '${body}'

`;
}

/** The page of the console, or a shell command, that makes an administrator. */
export const acceptance = (url: string, body: { token: string; email?: string }) => `
  ${url}/#/setup?token=${body.token}${body.email === undefined ? '&for=invite' : ''}

or, where there is no browser:

  curl -s ${url}/api/admin/setup -H 'content-type: application/json' -d '${JSON.stringify({ ...body, password: 'choose one' })}'
`;

export const urlOf = (host: string, port: number) =>
  `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
