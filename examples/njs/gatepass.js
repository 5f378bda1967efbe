// Verifies access tokens inside nginx (njs 0.7 or later): ES256, with one public key in a file.
import fs from 'fs';

const ISSUER = 'http://127.0.0.1:8000';
const AUDIENCE = 'orders';
const pem = fs.readFileSync('access-token.pem', 'utf8').replace(/-----.*-----|\s/g, '');

const bytes = (text) => Buffer.from(text, 'base64url');
const json = (text) => JSON.parse(bytes(text).toString());

async function claimsOf(token) {
  const parts = token.split('.');
  if (parts.length !== 3 || json(parts[0]).alg !== 'ES256') throw new Error('not a token');
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const spki = Buffer.from(pem, 'base64');
  const key = await crypto.subtle.importKey('spki', spki, algorithm, false, ['verify']);
  const signed = `${parts[0]}.${parts[1]}`;
  if (!(await crypto.subtle.verify(algorithm, key, bytes(parts[2]), signed)))
    throw new Error('forged');
  return json(parts[1]);
}

async function authenticate(r) {
  try {
    const header = /^Bearer ([\w.-]+)$/i.exec(r.headersIn.Authorization || '');
    const claims = await claimsOf(header[1]);
    const isGood =
      claims.token_type === 'access' &&
      claims.exp > Date.now() / 1000 &&
      claims.iss === ISSUER &&
      claims.aud === AUDIENCE;
    if (!isGood) throw new Error('not for this API');
    r.headersOut['X-Gatepass-User-Id'] = claims.sub;
    r.headersOut['X-Gatepass-Session-Id'] = claims.sid;
    r.return(204);
  } catch (e) {
    r.headersOut['WWW-Authenticate'] = 'Bearer realm="api"';
    r.return(401);
  }
}

export default { authenticate };
