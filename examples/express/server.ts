/** An API on Express: `GATEPASS_URL=http://127.0.0.1:8000 PORT=9000 node server.ts`. */
import { createVerifier } from '@gatepass/verifier';
import { claimsOf, requireAccessToken } from '@gatepass/verifier/express';
import express from 'express';

const { GATEPASS_URL: issuer = 'http://127.0.0.1:8000', PORT = '9000' } = process.env;
const verifier = createVerifier({
  jwksUrl: `${issuer}/.well-known/jwks.json`,
  revocationsUrl: `${issuer}/api/revocations`,
  onError: (error) => console.error(error.message),
});
await verifier.ready();

const app = express();
app.get('/me', requireAccessToken(verifier), (request, response) => {
  const { sub, sid } = claimsOf(request);
  response.json({ user: sub, session: sid });
});
const server = app.listen(Number(PORT), '127.0.0.1');

process.once('SIGTERM', () => {
  verifier.close();
  server.close();
});
