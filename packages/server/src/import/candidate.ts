import { type FormatFault, readFormat } from '../passwords/schemes.ts';
import { checkClaims } from '../users/custom-claims.ts';
import { parseEmail } from '../users/email.ts';
import type { Arrival } from '../users/user.ts';
import { parseUsername, type Username } from '../users/username.ts';

// Leaves room for later ids, which must be exact JavaScript numbers too.
const MAX_ID = 999_999_999_999_999;

/** A row of a source, unchecked. */
export type Candidate = {
  /** Its place in the source, for the report: an id or a line. */
  readonly place: string;
  /** Absent or an empty text: the next free id. */
  readonly id?: unknown;
  readonly email: unknown;
  readonly password: unknown;
  readonly isActive: unknown;
  readonly createdAt: unknown;
  readonly lastLoginAt: unknown;
  readonly username?: unknown;
  readonly claims?: Readonly<Record<string, unknown>> | undefined;
  /** `false` in an export of Gatepass: an account that Django never had. */
  readonly fromDjango?: unknown;
  /** `false` = the id is from another column than the primary key. */
  readonly isKey?: boolean;
};

export type FaultCode =
  | 'invalid_id'
  | 'missing_email'
  | 'invalid_email'
  | 'duplicate_email'
  | 'duplicate_id'
  | 'invalid_time'
  | 'invalid_state'
  | 'invalid_username'
  | 'duplicate_username'
  | 'username_taken'
  | 'invalid_claims'
  | 'id_taken'
  | 'email_taken'
  | `password_${FormatFault}`;

/** Why a row cannot become an account. Holds no password. */
export type Fault = { readonly place: string; readonly email: string; readonly code: FaultCode };

/**
 * Reads one row. Pure.
 *
 * @param now epoch milliseconds, for a source without creation times
 * @param userIdClaim the name of the user's id in tokens
 */
export function arrivalOf(
  candidate: Candidate,
  now: number,
  userIdClaim: string,
): Arrival | FaultCode {
  const uuid = uuidOf(candidate.id);
  const id = uuid === undefined ? idOf(candidate.id) : undefined;
  if (id === 'invalid') return 'invalid_id';
  const text = typeof candidate.email === 'string' ? candidate.email.trim() : '';
  if (text === '') return 'missing_email';
  const email = parseEmail(text);
  if (!email) return 'invalid_email';
  const password = readFormat(candidate.password);
  if ('fault' in password) return `password_${password.fault}`;
  const createdAt = timeOf(candidate.createdAt);
  const lastLoginAt = timeOf(candidate.lastLoginAt);
  if (createdAt === 'invalid' || lastLoginAt === 'invalid') return 'invalid_time';
  const isActive = stateOf(candidate.isActive);
  if (isActive === 'invalid') return 'invalid_state';
  const username = usernameOf(candidate.username);
  if (username === 'invalid') return 'invalid_username';
  const claims = candidate.claims && checkClaims(candidate.claims, userIdClaim);
  if (claims && !claims.ok) return 'invalid_claims';
  return {
    isKnownThere: (id ?? uuid) !== undefined && candidate.fromDjango !== false,
    isKeyThere: candidate.isKey !== false,
    id,
    uuid,
    email,
    username,
    claims: claims?.json ?? '{}',
    passwordHash: password.stored,
    isActive,
    createdAt: createdAt ?? now,
    lastLoginAt,
  };
}

/** A positive integer, as a number or in digits; `undefined` where a source gives none. */
export function idOf(value: unknown): number | undefined | 'invalid' {
  if (value === undefined || value === '') return undefined;
  const id = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof id === 'number' && Number.isInteger(id) && id > 0 && id <= MAX_ID ? id : 'invalid';
}

// Without this column all accounts are active. NULL means not active, as in SimpleJWT.
function stateOf(value: unknown): boolean | 'invalid' {
  if (value === null) return false;
  if (value === undefined || value === '') return true;
  const text = String(value);
  if (/^(?:1|true|t|yes)$/i.test(text)) return true;
  return /^(?:0|false|f|no)$/i.test(text) ? false : 'invalid';
}

/** A UUID, from text with or without hyphens, or from 16 bytes; in lower case and with hyphens. */
export function uuidOf(value: unknown): string | undefined {
  const text = value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;
  if (typeof text !== 'string') return undefined;
  const match =
    /^([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})$/i.exec(text);
  // Thirty-two digits are a UUID without letters, because no integer id has so many.
  return match?.slice(1).join('-').toLowerCase();
}

/** An address is not a username: its owner logs in with it anyway, and no other account may. */
function usernameOf(value: unknown): Username | undefined | 'invalid' {
  const text = value === undefined || value === null ? '' : String(value).trim();
  if (text === '' || text.includes('@')) return undefined;
  return parseUsername(text) ?? 'invalid';
}

/** Dates, ISO 8601 with or without a zone (Django keeps UTC), or seconds since 1970. */
function timeOf(value: unknown): number | undefined | 'invalid' {
  if (value === undefined || value === null || value === '') return undefined;
  const time = value instanceof Date ? value.getTime() : parseTime(String(value).trim());
  return Number.isNaN(time) || Math.abs(time) > 8.64e15 ? 'invalid' : Math.trunc(time);
}

function parseTime(text: string): number {
  if (/^\d{9,11}$/.test(text)) return Number(text) * 1000;
  const match =
    /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d(?:\.\d+)?)?))?(Z|[+-]\d\d(?::?\d\d)?)?$/i.exec(
      text,
    );
  if (!match) return Number.NaN;
  const [, day, time = '00:00', zone = 'Z'] = match;
  const offset = /^[+-]\d\d$/.test(zone) ? `${zone}:00` : zone;
  return Date.parse(`${day}T${time.replace(/(\.\d{3})\d+$/, '$1')}${offset}`);
}
