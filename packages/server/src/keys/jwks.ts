import { action } from '../http/action.ts';
import { type ObjectSchema, text } from '../http/openapi/schema.ts';
import type { KeyRing } from './key-ring.ts';
import { jwksMaxAge } from './schedule.ts';

// The response is serialised from this schema, so a private member cannot leak.
const PUBLIC_KEY = {
  title: 'PublicKey',
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
} as const satisfies ObjectSchema;

const KEY_SET = {
  title: 'KeySet',
  type: 'object',
  required: ['keys'],
  properties: { keys: { type: 'array', items: PUBLIC_KEY } },
} as const satisfies ObjectSchema;

type Deps = {
  readonly keyRing: KeyRing;
  readonly config: { readonly keyRotation: number | 'off' };
};

/** `GET /.well-known/jwks.json` (RFC 7517 §5): the keys with which other programs verify access tokens. */
export const jwks = ({ keyRing, config }: Deps) =>
  action({
    operationId: 'listKeys',
    summary: 'The public keys',
    description:
      'A JSON Web Key Set (RFC 7517) of every key whose access tokens are valid now or soon. ' +
      'Empty with HS256: its secret is not published.',
    headers: { 'cache-control': `public, max-age=${jwksMaxAge(config.keyRotation)}` },
    response: KEY_SET,
    handle: () => ({ keys: keyRing.publicKeys() }),
  });
