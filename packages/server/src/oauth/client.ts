import type { ApiKeys } from '../api-keys/api-keys.ts';
import { CREDENTIAL_NOT_VALID, SCOPE_MISSING } from '../api-keys/refusals.ts';
import type { Scope } from '../api-keys/scope.ts';
import type { ApiKey } from '../api-keys/store.ts';
import { Refusal } from '../errors.ts';
import { NOT_AUTHENTICATED } from '../token/refusals.ts';

/** The key in an `Authorization`: as Bearer, or as the password of Basic (RFC 6749 §2.3.1). */
function keyOf(authorization: string): string {
  const [, scheme = '', credential = ''] = /^(\w+) +(\S+)$/.exec(authorization) ?? [];
  if (scheme.toLowerCase() === 'bearer') return credential;
  if (scheme.toLowerCase() !== 'basic') return '';
  const [, secret = ''] = /^[^:]*:(.*)$/.exec(Buffer.from(credential, 'base64').toString()) ?? [];
  // The parts are form-encoded, and some clients encode "_" too.
  return secret.replace(/%5f/gi, '_');
}

/**
 * The guard of routes for programs: a gateway, a resource server or a reader of events with an API
 * key of this scope. The user name of Basic is ignored, because the key names its row.
 *
 * @throws {Refusal} `not_authenticated`, `credential_not_valid` or `scope_missing`
 */
export const createClientGuard =
  (apiKeys: ApiKeys, scope: Scope) =>
  async (authorization: string | undefined): Promise<ApiKey> => {
    if (authorization === undefined) throw new Refusal(NOT_AUTHENTICATED);
    const key = await apiKeys.find(keyOf(authorization));
    if (!key) throw new Refusal(CREDENTIAL_NOT_VALID);
    if (!key.scopes.includes(scope)) throw new Refusal(SCOPE_MISSING, { values: { scope } });
    return key;
  };
