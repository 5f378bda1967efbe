/**
 * A URL for people, browsers and monitors instead of clients of the API: no negotiation, and its
 * handlers write the response themselves.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Resource, ResourceFacts } from './resource.ts';
import { setHeaders } from './response/headers.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Shows what the session's cookie allows, to pages of its own origin alone: without CORS. */
    isOwnPage?: boolean;
  }
}

/** Sends the response. @throws {Refusal} to refuse */
export type Handler = (request: FastifyRequest, reply: FastifyReply) => unknown;

/** @param actions what the OpenAPI document says of it; without them it is not in the document */
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
          setHeaders(app, request, reply);
          done();
        },
        async handler(request, reply) {
          await handle(request, reply);
          // A refusal does not come here: the error handler logs it.
          log(request, reply, path);
          return reply;
        },
      });
  },
});

/** A page that reads the session's cookie: no other origin reads it, whichever `GATEPASS_CORS_ORIGINS` lists. */
export const ownPage = (path: string, handlers: Parameters<typeof plain>[1]): Resource =>
  plain(path, handlers, {}, { isOwnPage: true });
