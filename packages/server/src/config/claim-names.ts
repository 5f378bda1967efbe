/** Which names an operator may give to claims of his own. Pure. */

const NAME = /^[A-Za-z][\w:./-]{0,63}$/;

/**
 * Names that verifiers give a meaning to: RFC 7519 §4.1, RFC 7800, RFC 8693, OpenID Connect Core §2
 * and its logout; then those of SimpleJWT and ours. In lower case: decoders such as Go's match names
 * in any case, and `EXP` must not be read as `exp`.
 */
const RESERVED: ReadonlySet<string> = new Set([
  ...['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti', 'cnf', 'act', 'may_act', 'client_id', 'azp'],
  ...['acr', 'amr', 'auth_time', 'nonce', 'at_hash', 'c_hash', 's_hash', 'sid', 'events', 'toe'],
  ...['token_type', 'user_id', 'gen', 'cv', 'refresh_exp', 'refresh_iat'],
]);

const MEMBERS: ReadonlySet<string> = new Set(
  [...Object.getOwnPropertyNames(Object.prototype), 'prototype'].map((name) => name.toLowerCase()),
);

/** A name that means something else to every object of JavaScript, at whatever depth it stands. */
export const isMemberOfAll = (name: string): boolean => MEMBERS.has(name.toLowerCase());

type ClaimNameFault = 'malformed' | 'reserved';

/** @param userIdClaim what the user's id is called in tokens */
export function claimNameFault(name: string, userIdClaim: string): ClaimNameFault | undefined {
  if (!NAME.test(name)) return 'malformed';
  const spelt = name.toLowerCase();
  const isTaken = RESERVED.has(spelt) || isMemberOfAll(name) || spelt === userIdClaim.toLowerCase();
  return isTaken ? 'reserved' : undefined;
}
