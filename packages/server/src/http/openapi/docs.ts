import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { sendJson } from '../response/respond.ts';

const DESCRIPTION = `Users and JWT sessions: an e-mail and a password become an access token
(5 minutes) and a refresh token (24 hours). The wire format is Django SimpleJWT's.`;

// The page's own files and nothing else; Swagger UI sets inline styles.
const CSP = [
  "default-src 'self'",
  "img-src 'self' data:",
  "style-src 'self' 'unsafe-inline'",
  "object-src 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Collects the routes mounted after it; must be registered first. */
export async function collectOpenApi(
  app: FastifyInstance,
  version: string,
  scheme = 'Bearer',
): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Gatepass', version, description: DESCRIPTION },
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: scheme.toLowerCase(), bearerFormat: 'JWT' },
        },
      },
    },
  });
}

/** `/api/openapi.json` and `/docs`, an API page that works offline: every file comes from here. */
export async function mountDocs(app: FastifyInstance): Promise<void> {
  app.get('/api/openapi.json', { schema: { hide: true } }, (_, reply) => {
    sendJson(reply, JSON.stringify(app.swagger()));
  });
  app.get('/', { schema: { hide: true } }, (_, reply) => reply.redirect('/docs', 302));
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: CSP,
    uiConfig: {
      // Without the bar of Swagger UI: there is one document here, and it is this one.
      layout: 'BaseLayout',
      persistAuthorization: false,
      validatorUrl: null,
      tryItOutEnabled: true,
    },
    theme: { title: 'Gatepass API' },
  });
}
