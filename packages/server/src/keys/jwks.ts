import { action } from '../http/action.ts';
import type { KeyRing } from './key-ring.ts';

/** `GET /.well-known/jwks.json` (RFC 7517 §5): what other programs verify our access tokens with. */
export const jwks = (keyRing: KeyRing, maxAge: number) =>
  action({
    summary: 'The public keys',
    description:
      'A JSON Web Key Set (RFC 7517) of every key whose access tokens are valid now or soon. ' +
      'Empty with HS256: its secret is not published.',
    headers: { 'cache-control': `public, max-age=${maxAge}` },
    response: {
      type: 'object',
      required: ['keys'],
      properties: { keys: { type: 'array', items: PUBLIC_JWK } },
    },
    handle: () => ({ keys: keyRing.publicKeys() }),
  });

const text = { type: 'string' };
// The answer is serialised from this: a private member has no name to come out under.
const PUBLIC_JWK = {
  type: 'object',
  required: ['kty', 'use', 'alg', 'kid'],
  properties: {
    kty: text,
    use: text,
    alg: text,
    kid: text,
    crv: text,
    x: text,
    y: text,
    n: text,
    e: text,
  },
};
