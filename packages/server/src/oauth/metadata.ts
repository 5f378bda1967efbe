import { Refusal } from '../errors.ts';
import { action } from '../http/action.ts';
import { type ObjectSchema, text } from '../http/openapi/schema.ts';
import { NO_ISSUER } from './refusals.ts';

const RFC_8414 = '/.well-known/oauth-authorization-server';
/** Libraries that know OpenID Connect alone look here. Nothing else of OpenID Connect is served. */
const OPENID_CONNECT = '/.well-known/openid-configuration';

/** The issuer as RFC 8414 §2 wants it: a URL without query and fragment. */
function issuerUrl(issuer: string): URL | undefined {
  const url = URL.parse(issuer);
  const isPlain = url && /^https?:$/.test(url.protocol) && !/[?#]/.test(issuer);
  return isPlain ? url : undefined;
}

/**
 * The paths of the metadata, by the names of their operations. Clients of an issuer whose URL has a path
 * add it: RFC 8414 §3.1 behind the well-known name, OpenID Connect Discovery §4 in front of it.
 */
export function metadataPaths(issuer: string): Readonly<Record<string, string>> {
  const path = issuerUrl(issuer)?.pathname.replace(/\/$/, '') ?? '';
  const isPlain = /^(?:\/[\w.~-]+)+$/.test(path);
  return {
    showServerMetadata: RFC_8414,
    showOpenIdConfiguration: OPENID_CONNECT,
    ...(isPlain && {
      showServerMetadataOfIssuer: RFC_8414 + path,
      showOpenIdConfigurationOfIssuer: OPENID_CONNECT + path,
      showOpenIdConfigurationBelowIssuer: path + OPENID_CONNECT,
    }),
  };
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

/**
 * `GET /.well-known/oauth-authorization-server` (RFC 8414), and under OpenID Connect's name: where the keys
 * of an issuer are. The issuer is the configured one; the `Host` header is never used. There is no OAuth
 * grant here: the lists that RFC 8414 requires or gives a default are empty.
 */
export const metadata = (issuer: string, operationId: string) =>
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
