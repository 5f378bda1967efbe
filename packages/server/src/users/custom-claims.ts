/** Rules for custom claims of an account. Pure; claims come from the row, never from a request. */
import { claimNameFault, isMemberOfAll } from '../config/claim-names.ts';

export type CustomClaims = Readonly<Record<string, unknown>>;

/** The size of the JSON in UTF-8: a token has to fit into a header of 8 KiB. */
const MAX_CLAIMS_BYTES = 2048;
/** Verifiers read payloads 32 levels deep; no sensible claim needs that. */
const MAX_DEPTH = 8;

const NONE: CustomClaims = Object.freeze({});

/** The claims of a stored row. */
export const storedClaims = (json: string): CustomClaims =>
  json === '{}' ? NONE : JSON.parse(json);

type ClaimsRead =
  | { readonly ok: true; readonly claims: CustomClaims; readonly json: string }
  /** A sentence for an operator; it names a claim, never its value. */
  | { readonly ok: false; readonly fault: string };

const refuse = (fault: string): ClaimsRead => ({ ok: false, fault });

/**
 * Checks claims before they are stored.
 *
 * @param value what JSON.parse made of the operator's text
 * @param userIdClaim what the user's id is called in tokens
 */
export function checkClaims(value: unknown, userIdClaim: string): ClaimsRead {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return refuse('Claims must be a JSON object, such as {"role":"admin"}.');
  for (const [name, each] of Object.entries(value)) {
    const nameFault = claimNameFault(name, userIdClaim);
    if (nameFault) return refuse(NAME_FAULTS[nameFault](JSON.stringify(name)));
    const fault = valueFault(each, 2);
    if (fault) return refuse(`Claim ${JSON.stringify(name)} ${fault}`);
  }
  const json = JSON.stringify(value);
  const size = Buffer.byteLength(json);
  if (size > MAX_CLAIMS_BYTES)
    return refuse(`Claims may have ${MAX_CLAIMS_BYTES} bytes of JSON at most; these have ${size}.`);
  return { ok: true, claims: value as CustomClaims, json };
}

const NAME_FAULTS = {
  malformed: (name: string) =>
    `Claim ${name} has no valid name: a letter, then up to 63 letters, digits and _ : . / -`,
  reserved: (name: string) => `Claim ${name} is reserved: choose another name.`,
};

/** Only what every reader of the token understands alike. */
function valueFault(value: unknown, depth: number): string | undefined {
  if (typeof value === 'string')
    return value.isWellFormed() ? undefined : 'holds half of a character (a lone surrogate).';
  if (typeof value === 'number') {
    const isExact =
      Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
    return isExact
      ? undefined
      : 'holds a number that is not exact everywhere: write it as a string.';
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth > MAX_DEPTH) return `is nested more than ${MAX_DEPTH} levels deep.`;
  for (const [name, each] of Object.entries(value)) {
    if (!Array.isArray(value) && isMemberOfAll(name))
      return `holds a member ${JSON.stringify(name)}, which is reserved.`;
    const fault =
      valueFault(each, depth + 1) ?? (name.isWellFormed() ? undefined : 'is malformed.');
    if (fault) return fault;
  }
  return undefined;
}
