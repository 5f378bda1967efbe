/**
 * The floor: a bare `node:http` server that does only the work of `verify`. Reads the JSON body,
 * checks HS256 and `exp`, responds with JSON. No database.
 */
import { createHmac, createSecretKey, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

const key = createSecretKey(process.env['FLOOR_SECRET'] ?? '', 'utf8');
const HEADER = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url');
const ACCESS_TOKEN_SECONDS = 300;

const mac = (text: string) => createHmac('sha256', key).update(text).digest();

function parse(json: string): Record<string, unknown> {
  const value: Record<string, unknown> | null = JSON.parse(json);
  if (value === null) throw new Error('not an object');
  return value;
}
const decode = (part: string) => parse(Buffer.from(part, 'base64url').toString());

function verify(token: unknown, type?: string): Record<string, unknown> {
  const [header, payload, signature, ...rest] = String(token).split('.');
  if (!header || !payload || !signature || rest.length > 0) throw new Error('malformed');
  const given = Buffer.from(signature, 'base64url');
  const right = mac(`${header}.${payload}`);
  if (given.length !== right.length || !timingSafeEqual(given, right)) throw new Error('forged');
  if (decode(header)['alg'] !== 'HS256') throw new Error('wrong algorithm');
  const claims = decode(payload);
  const exp = claims['exp'];
  if (typeof exp !== 'number' || exp <= Date.now() / 1000) throw new Error('expired');
  if (type !== undefined && claims['token_type'] !== type) throw new Error('wrong type');
  return claims;
}

function signAccess(user_id: unknown): string {
  const iat = Math.floor(Date.now() / 1000);
  const jti = randomBytes(16).toString('hex');
  const claims = { token_type: 'access', exp: iat + ACCESS_TOKEN_SECONDS, iat, jti, user_id };
  const text = `${HEADER}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
  return `${text}.${mac(text).toString('base64url')}`;
}

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return parse(Buffer.concat(chunks).toString());
}

const routes: Record<string, (request: IncomingMessage) => Promise<object>> = {
  'GET /healthz': async () => ({}),
  'POST /verify': async (request) => {
    verify((await readJson(request))['token']);
    return {};
  },
  'POST /refresh': async (request) => {
    const claims = verify((await readJson(request))['refresh'], 'refresh');
    return { access: signAccess(claims['user_id']) };
  },
  'GET /me': async (request) => ({
    id: verify(request.headers.authorization?.slice('Bearer '.length), 'access')['user_id'],
  }),
};

function answer(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  const length = Buffer.byteLength(text);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': length });
  response.end(text);
}

const server = createServer((request, response) => {
  const route = routes[`${request.method} ${request.url}`];
  if (!route) return answer(response, 404, {});
  route(request).then(
    (body) => answer(response, 200, body),
    () => answer(response, 401, {}),
  );
});
server.listen(Number(process.env['FLOOR_PORT']), '127.0.0.1');
