import assert from 'node:assert/strict';
import { createHmac, type KeyObject, sign } from 'node:crypto';
import { KeyError, TokenError } from '../src/index.ts';

// Signs with bare node:crypto, whatever it is given: the forger's side of the tests.

export type Part = string | Uint8Array | object;

export const SECRET = Buffer.from(
  '0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
);

/** Bytes and strings as they are, anything else as JSON; then base64url. */
export function segment(part: Part): string {
  if (typeof part === 'string' || part instanceof Uint8Array) {
    return Buffer.from(part).toString('base64url');
  }
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

export function mintHs256(
  header: Part,
  payload: Part,
  secret: Uint8Array | string = SECRET,
): string {
  const input = `${segment(header)}.${segment(payload)}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

export function mintWith(key: KeyObject, hash: string | null, header: Part, payload: Part): string {
  const input = `${segment(header)}.${segment(payload)}`;
  const signature = sign(hash, Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

/** The reason of the TokenError that `action` must throw. */
export function refusal(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    assert.ok(error instanceof TokenError, `threw ${String(error)}`);
    assert.equal(error.code, 'token_not_valid');
    return error.reason;
  }
  return 'accepted';
}

/** The reason of the KeyError that `action` must throw. */
export function keyRefusal(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    assert.ok(error instanceof KeyError, `threw ${String(error)}`);
    assert.equal(error.code, 'key_not_valid');
    return error.reason;
  }
  return 'accepted';
}
