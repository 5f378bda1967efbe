import { Refusal } from '../errors.ts';
import { action } from '../http/action.ts';
import { type ObjectSchema, text } from '../http/openapi/schema.ts';
import { NO_ISSUER } from './refusals.ts';

/** The issuer as RFC 8414 §2 wants it: a URL without query and fragment. */
function issuerUrl(issuer: string): URL | undefined {
  const url = URL.parse(issuer);
  const isPlain = url && /^https?:$/.test(url.protocol) && !/[?#]/.test(issuer);
  return isPlain ? url : undefined;
}

/**
 * The path of the issuer's URL, which clients append (RFC 8414 §3.1) or prepend (OpenID Connect
 * Discovery §4) to the path of the metadata. `''` = it has none, or none that can be routed.
 */
export function issuerPath(issuer: string): string {
  const path = issuerUrl(issuer)?.pathname.replace(/\/$/, '') ?? '';
  return /^(?:\/[\w.~-]+)+$/.test(path) ? path : '';
}

const texts = { type: 'array', items: text } as const;

/** An API key as the password. */
const AUTHENTICATION = ['client_secret_basic'];

const METADATA = {
  title: 'ServerMetadata',
  type: 'object',
  required: ['issuer', 'jwks_uri', 'response_types_supported', 'grant_types_supported'],
  properties: {
    issuer: text,
    jwks_uri: text,
    response_types_supported: texts,
    grant_types_supported: texts,
    introspection_endpoint: text,
    introspection_endpoint_auth_methods_supported: texts,
    revocation_endpoint: text,
    revocation_endpoint_auth_methods_supported: texts,
  },
} as const satisfies ObjectSchema;

type Deps = { readonly config: { readonly issuer: string } };

/**
 * `GET /.well-known/oauth-authorization-server` (RFC 8414), also under OpenID Connect's name: where
 * the keys of the issuer are. The issuer is the configured one; the `Host` header is never used.
 * There are no OAuth grants, so the lists that RFC 8414 requires or gives a default are empty.
 */
export const metadata = ({ config: { issuer } }: Deps, operationId: string) =>
  action({
    operationId,
    refuses: [404],
    summary: 'Where the keys are',
    description:
      'Authorization server metadata (RFC 8414) of the configured issuer. 404 unless GATEPASS_ISSUER is a URL.',
    response: METADATA,
    handle() {
      if (!issuerUrl(issuer)) throw new Refusal(NO_ISSUER);
      const base = issuer.replace(/\/$/, '');
      return {
        issuer,
        jwks_uri: `${base}/.well-known/jwks.json`,
        introspection_endpoint: `${base}/oauth/introspect`,
        introspection_endpoint_auth_methods_supported: AUTHENTICATION,
        revocation_endpoint: `${base}/oauth/revoke`,
        revocation_endpoint_auth_methods_supported: AUTHENTICATION,
        response_types_supported: [],
        grant_types_supported: [],
      };
    },
  });
