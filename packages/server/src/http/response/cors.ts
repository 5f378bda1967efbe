/**
 * CORS (WHATWG Fetch §3.2) for listed origins, byte for byte. Tokens travel in bodies and in
 * `Authorization`, never in cookies: `Access-Control-Allow-Credentials` is never sent.
 */
import type { FastifyInstance } from 'fastify';
import type { Respond } from './respond.ts';

type Http = { readonly app: FastifyInstance; readonly respond: Respond };

const PREFLIGHT = {
  'access-control-allow-methods': 'GET, POST, DELETE',
  'access-control-allow-headers': 'Authorization, Content-Type, X-Request-Id',
  'access-control-max-age': '600',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
};

/** Without origins there is no hook, and requests cost what they cost before. */
export function allowOrigins({ app, respond }: Http, listed: readonly string[]): void {
  if (listed.length === 0) return;
  const origins = new Set(listed);
  app.addHook('onRequest', (request, reply, done) => {
    const { origin, 'access-control-request-method': asked } = request.headers;
    reply.header('vary', 'Origin');
    if (origin === undefined || !origins.has(origin)) return done();
    reply.header('access-control-allow-origin', origin);
    if (request.method === 'OPTIONS' && asked !== undefined) {
      // Before any guard: a browser asks without the token.
      reply.code(204).headers({ ...PREFLIGHT, 'x-request-id': request.id });
      respond(request, reply);
      return;
    }
    reply.header(
      'access-control-expose-headers',
      'Retry-After, RateLimit, RateLimit-Policy, X-Request-Id',
    );
    done();
  });
}
