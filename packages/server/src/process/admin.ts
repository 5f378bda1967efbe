/** The admin listener: opens it, or deals with a port that is taken. */
import { createServer } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import { urlOf } from './announce.ts';
import { StartError } from './errors.ts';

type Place = { readonly host: string; readonly port: number };

const LAST_PORT = 65_535;

/** `undefined` = off. By default its port is the one after the service's. */
function placeOf({ adminHost: host, adminPort, port }: Config): Place | undefined {
  if (adminPort === 'off' || (adminPort === 'next' && port === LAST_PORT)) return undefined;
  if (adminPort !== 'next') return { host, port: adminPort };
  return { host, port: port === 0 ? 0 : port + 1 };
}

/** A default port in use does not prevent a start; a configured one does. */
function report({ adminPort }: Config, logger: Logger, place: Place, error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error);
  const remedy = 'Set GATEPASS_ADMIN_PORT to a free port, or to off.';
  if (adminPort !== 'next') throw new StartError(`The admin listener failed: ${reason}. ${remedy}`);
  logger.warn(`no admin listener: port ${place.port} cannot be used (${reason}). ${remedy}`);
}

/**
 * Opens it in this process.
 *
 * @returns its URL; `undefined` = it is off, or its default port is taken
 * @throws {StartError} when the configured port is taken
 */
export async function openAdmin(config: Config, logger: Logger, create: () => FastifyInstance) {
  const place = placeOf(config);
  if (!place) return undefined;
  const app = create();
  try {
    await app.listen(place);
  } catch (error) {
    await app.close();
    report(config, logger, place, error);
    return undefined;
  }
  const address = app.server.address();
  const port = typeof address === 'object' && address ? address.port : place.port;
  return { url: config.adminUrl || urlOf(place.host, port), close: () => app.close() };
}

/**
 * For workers, which share a port: checks once whether it is free, so that there is one message if it
 * is not. For a default port, workers only warn too, if it is taken in the meantime.
 *
 * @returns the GATEPASS_ADMIN_PORT of the workers
 * @throws {StartError} as `openAdmin`
 */
export async function reserveAdmin(config: Config, logger: Logger): Promise<string> {
  const place = placeOf(config);
  if (!place) return 'off';
  const server = createServer();
  try {
    const port = await new Promise<number>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ ...place, exclusive: true }, () => {
        const address = server.address();
        resolve(typeof address === 'object' && address ? address.port : place.port);
      });
    });
    await new Promise((resolve) => server.close(resolve));
    return config.adminPort === 'next' && place.port !== 0 ? '' : String(port);
  } catch (error) {
    report(config, logger, place, error);
    return 'off';
  }
}
