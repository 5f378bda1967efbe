import { createHmac, randomBytes } from 'node:crypto';
import type { SeededSession } from './scale-seed.ts';

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** As the server signs them. */
export function mint(
  secret: string,
  type: 'access' | 'refresh',
  { id, userId }: SeededSession,
): string {
  const iat = Math.floor(Date.now() / 1000);
  const claims = {
    token_type: type,
    exp: iat + (type === 'access' ? 300 : 3600),
    iat,
    jti: randomBytes(16).toString('hex'),
    user_id: userId,
    sub: String(userId),
    sid: id,
  };
  const input = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}
