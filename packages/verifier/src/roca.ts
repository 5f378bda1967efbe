/**
 * The fingerprint of RSA keys that can be factored because of how a library for smart cards made
 * their primes (CVE-2017-15361, "The Return of Coppersmith's Attack", §4). Each prime was a power
 * of 65537 modulo every small prime, and so is their product.
 */
const GENERATOR = 65_537;
/** The small primes modulo which 65537 has few powers. Other moduli pass one time in 2^27. */
const PRIMES = [11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157];

const PRODUCT = PRIMES.reduce((product, prime) => product * BigInt(prime), 1n);
const POWERS = PRIMES.map((prime) => {
  const powers = new Set<number>();
  for (let power = 1; !powers.has(power); power = (power * GENERATOR) % prime) powers.add(power);
  return { prime, powers };
});

/** @param modulus big-endian */
export function hasRocaFingerprint(modulus: Buffer): boolean {
  const rest = BigInt(`0x${modulus.toString('hex')}`) % PRODUCT;
  return POWERS.every(({ prime, powers }) => powers.has(Number(rest % BigInt(prime))));
}
