import { createPublicKey, type JsonWebKeyInput, type KeyObject } from 'node:crypto';
import type { EcRule } from './algorithms.ts';
import { KeyError } from './errors.ts';
import { hasRocaFingerprint } from './roca.ts';

const MIN_MODULUS_BITS = 2048;
// OpenSSL's own limit, and the point where one verification starts to be a denial of service.
const MAX_MODULUS_BITS = 16384;
// OpenSSL refuses longer exponents under large moduli; they are not used in practice.
const MAX_EXPONENT_BYTES = 8;

/** An RSA public key (RFC 7518 §6.3.1) fit to verify with. */
export function rsaKey(n: Buffer, e: Buffer): KeyObject {
  const [top = 0] = n;
  // RFC 7518 §2, Base64urlUInt: the minimum number of octets.
  if (top === 0 || e[0] === 0)
    throw new KeyError('bad_encoding', 'Leading zero octets in "n", "e"');
  const bits = n.length * 8 - (Math.clz32(top) - 24);
  if (bits < MIN_MODULUS_BITS)
    throw new KeyError('too_short', `"n" has under ${MIN_MODULUS_BITS} bits`);
  if (bits > MAX_MODULUS_BITS)
    throw new KeyError('too_long', `"n" has over ${MAX_MODULUS_BITS} bits`);
  if (!isOdd(n)) throw new KeyError('bad_modulus', '"n" is even');
  if (hasRocaFingerprint(n))
    throw new KeyError('bad_modulus', '"n" can be factored (CVE-2017-15361)');
  // e = 1 would make every padded digest its own signature.
  const isUnit = e.length === 1 && e[0] === 1;
  if (!isOdd(e) || isUnit || e.length > MAX_EXPONENT_BYTES) {
    throw new KeyError('bad_exponent', '"e" is even, below 3 or longer than 8 octets');
  }
  return publicKey({ kty: 'RSA', n: n.toString('base64url'), e: e.toString('base64url') });
}

/** An EC public key (RFC 7518 §6.2.1): full-length coordinates of a point on the curve. */
export function ecKey(x: Buffer, y: Buffer, { crv, order }: EcRule): KeyObject {
  if (x.length !== order.length || y.length !== order.length) {
    throw new KeyError('bad_length', `A coordinate does not have ${order.length} octets`);
  }
  // Import refuses a point that is not on the curve.
  return publicKey({ kty: 'EC', crv, x: x.toString('base64url'), y: y.toString('base64url') });
}

const ED25519_PRIME = 2n ** 255n - 19n;
// y of the points of order 8; the rest of the torsion has y = 0 (order 4), 1 and -1.
const ORDER_8_Y = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n;
const SMALL_ORDER_Y = [0n, 1n, ED25519_PRIME - 1n, ORDER_8_Y, ED25519_PRIME - ORDER_8_Y];

/**
 * An Ed25519 public key (RFC 8037 §2). Refuses the small-order points, under which one signature
 * can fit many messages, and y >= p, a second spelling of another key (RFC 8032 §5.1.3).
 */
export function ed25519Key(x: Buffer): KeyObject {
  if (x.length !== 32) throw new KeyError('bad_length', '"x" does not have 32 octets');
  const bigEndian = Buffer.from(x).reverse();
  const y = BigInt.asUintN(255, BigInt(`0x${bigEndian.toString('hex')}`));
  if (SMALL_ORDER_Y.includes(y % ED25519_PRIME)) {
    throw new KeyError('weak_point', '"x" is a point of small order');
  }
  if (y >= ED25519_PRIME) throw new KeyError('bad_point', '"x" is not a canonical point');
  return publicKey({ kty: 'OKP', crv: 'Ed25519', x: x.toString('base64url') });
}

function isOdd(integer: Buffer): boolean {
  return ((integer.at(-1) ?? 0) & 1) === 1;
}

function publicKey(key: JsonWebKeyInput['key']): KeyObject {
  try {
    return createPublicKey({ key, format: 'jwk' });
  } catch {
    throw new KeyError('bad_point', 'The key is not a point of its curve or not a public key');
  }
}
