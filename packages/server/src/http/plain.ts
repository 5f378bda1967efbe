/**
 * A URL for people, browsers and monitors instead of API clients: no negotiation, and its handlers
 * write the response themselves.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Resource, ResourceFacts } from './resource.ts';
import { setHeaders } from './response/headers.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Uses the session's cookie, so it has no CORS: only pages of its own origin may read it. */
    isOwnPage?: boolean;
  }
}

/** Sends the response. @throws {Refusal} to refuse */
export type Handler = (request: FastifyRequest, reply: FastifyReply) => unknown;

/** @param actions its description in the OpenAPI document; without it, it is not in the document */
export const plain = (
  path: string,
  handlers: { readonly GET?: Handler; readonly POST?: Handler },
  actions: ResourceFacts['actions'] = {},
  config: { readonly isOwnPage?: boolean } = {},
): Resource => ({
  path,
  actions,
  isGuarded: false,
  mount({ app, log }) {
    for (const [method, handle] of Object.entries(handlers))
      app.route({
        ...{ method, url: path, config },
        onRequest(request, reply, done) {
          setHeaders(request, reply);
          done();
        },
        async handler(request, reply) {
          await handle(request, reply);
          // Refusals do not get here: the error handler logs them.
          log(request, reply, path);
          return reply;
        },
      });
  },
});

/**
 * A page that reads the session's cookie: no other origin may read it, whatever
 * `GATEPASS_CORS_ORIGINS` lists.
 */
export const ownPage = (path: string, handlers: Parameters<typeof plain>[1]): Resource =>
  plain(path, handlers, {}, { isOwnPage: true });
