// An API with the jose library: `GATEPASS_URL=http://127.0.0.1:8000 PORT=9000 node server.js`.
import { createServer } from 'node:http';
import { createRemoteJWKSet, jwtVerify } from 'jose';

const { GATEPASS_URL = 'http://127.0.0.1:8000', PORT = '9000' } = process.env;
const keys = createRemoteJWKSet(new URL(`${GATEPASS_URL}/.well-known/jwks.json`));

async function verify(token) {
  const { payload } = await jwtVerify(token, keys, {
    algorithms: ['EdDSA', 'ES256', 'RS256'],
    requiredClaims: ['exp', 'sub'],
  });
  if (payload.token_type !== 'access') throw new Error('not an access token');
  return payload;
}

createServer(async (request, response) => {
  const [, token = ''] = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  const claims = await verify(token).catch(() => undefined);
  if (!claims) return response.writeHead(401, { 'www-authenticate': 'Bearer realm="api"' }).end();
  response.setHeader('content-type', 'application/json');
  return response.end(JSON.stringify({ user: claims.sub, session: claims.sid }));
}).listen(Number(PORT), '127.0.0.1');
