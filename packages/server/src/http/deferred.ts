/** A listener whose app is made for its first request. */
import Fastify, { type FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { unavailable } from '../errors.ts';
import { createRawRefusals, type RawRefusals, type UnreadLog } from './edge/requests.ts';
import { createRawServer } from './edge/server.ts';

/**
 * @param create makes the app, which is never closed: it must own nothing. The refusals are what it
 * shares with the listener
 * @returns an app without routes, to listen and to close with
 */
export function deferApp(
  logger: Logger,
  unread: UnreadLog,
  create: (refusals: RawRefusals) => Promise<FastifyInstance>,
): FastifyInstance {
  const refusals = createRawRefusals(unread);
  let app: FastifyInstance | undefined;
  let made: Promise<void> | undefined;
  const make = async () => {
    try {
      app = await (await create(refusals)).ready();
    } catch (err) {
      // The next request tries again.
      made = undefined;
      logger.error({ err }, 'the app of a listener could not be made');
      throw err;
    }
  };
  return Fastify({
    forceCloseConnections: 'idle',
    clientErrorHandler: refusals.refuseSocket,
    serverFactory: () =>
      createRawServer((request, response) => {
        if (app) return app.routing(request, response);
        made ??= make();
        made.then(
          () => app?.routing(request, response),
          () => refusals.refuseRequest(request, response, unavailable()),
        );
      }, refusals),
  });
}
