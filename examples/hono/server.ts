/** An API on Hono: `GATEPASS_URL=http://127.0.0.1:8000 PORT=9000 node server.ts`. */
import { createVerifier } from '@gatepass/verifier';
import { claimsOf, requireAccessToken } from '@gatepass/verifier/hono';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';

const { GATEPASS_URL: issuer = 'http://127.0.0.1:8000', PORT = '9000' } = process.env;
const verifier = createVerifier({
  jwksUrl: `${issuer}/.well-known/jwks.json`,
  revocationsUrl: `${issuer}/api/revocations`,
  onError: (error) => console.error(error.message),
});
await verifier.ready();

const app = new Hono();
app.get('/me', requireAccessToken(verifier), (c) => {
  const { sub, sid } = claimsOf(c);
  return c.json({ user: sub, session: sid });
});
const server = serve({ fetch: app.fetch, port: Number(PORT), hostname: '127.0.0.1' });

process.once('SIGTERM', () => {
  verifier.close();
  server.close();
});
