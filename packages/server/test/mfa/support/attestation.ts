/** Attestations as an attacker sends them: each names the URL of a list of revoked certificates. */
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** The attestation of a new passkey; the statement is CBOR. */
export type Attestation = { readonly fmt: string; readonly statement: Buffer };

/** The output of an authenticator. */
type Made = { readonly clientData: Buffer; readonly publicKey: KeyObject };

const der = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const content = Buffer.concat(parts);
  return Buffer.concat([
    Buffer.from([tag, 0x82, content.length >> 8, content.length & 255]),
    content,
  ]);
};
const sequence = (...parts: readonly Uint8Array[]) => der(0x30, ...parts);
const integer = (value: number) => der(2, Buffer.from([value]));
const enumerated = (value: number) => der(10, Buffer.from([value]));
const octets = (...parts: readonly Uint8Array[]) => der(4, ...parts);
const identifier = (hex: string) => der(6, Buffer.from(hex, 'hex'));
const nameOf = (text: string) =>
  sequence(der(0x31, sequence(identifier('550403'), der(12, Buffer.from(text)))));
const time = (text: string) => der(0x17, Buffer.from(text));

const ECDSA_WITH_SHA256 = sequence(identifier('2a8648ce3d040302'));
const CRL_DISTRIBUTION_POINTS = identifier('551d1f');
/** The extension of Android's Key Attestation: 1.3.6.1.4.1.11129.2.1.17. */
const KEY_DESCRIPTION = identifier('2b06010401d679020111');

function certificate(
  subject: string,
  publicKey: KeyObject,
  issuerKey: KeyObject,
  extensions: readonly Buffer[],
): Buffer {
  const content = sequence(
    der(0xa0, integer(2)),
    integer(subject.length),
    ECDSA_WITH_SHA256,
    nameOf('root'),
    sequence(time('200101000000Z'), time('491231235959Z')),
    nameOf(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    ...(extensions.length > 0 ? [der(0xa3, sequence(...extensions))] : []),
  );
  const signature = sign('sha256', content, issuerKey);
  return sequence(content, ECDSA_WITH_SHA256, der(3, Buffer.from([0]), signature));
}

/** Certificates that the attacker has made for the passkey's own key; the last one is the root. */
function chain({ clientData, publicKey }: Made, list: string): Buffer[] {
  const root = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const hash = createHash('sha256').update(clientData).digest();
  const points = sequence(sequence(der(0xa0, der(0xa0, der(0x86, Buffer.from(list))))));
  const description = sequence(
    ...[integer(3), enumerated(1), integer(3), enumerated(1)],
    ...[octets(hash), octets(), sequence(), sequence()],
  );
  const leaf = certificate('leaf', publicKey, root.privateKey, [
    sequence(CRL_DISTRIBUTION_POINTS, octets(points)),
    sequence(KEY_DESCRIPTION, octets(description)),
  ]);
  return [leaf, certificate('root', root.publicKey, root.privateKey, [])];
}

const text = (value: string) =>
  Buffer.concat([Buffer.from([0x60 + value.length]), Buffer.from(value)]);
const bytes = (value: Uint8Array) =>
  Buffer.concat([Buffer.from([0x59, value.length >> 8, value.length & 255]), value]);

/** A statement of `alg`, `sig` and `x5c`, as most formats have it. */
export const attested =
  (fmt: string, list: string) =>
  (made: Made): Attestation => {
    const x5c = chain(made, list).map(bytes);
    const statement = Buffer.concat([
      Buffer.from([0xa3]),
      ...[text('alg'), Buffer.from([0x26])],
      ...[text('sig'), bytes(Buffer.alloc(70, 1))],
      ...[text('x5c'), Buffer.from([0x80 + x5c.length]), ...x5c],
    ]);
    return { fmt, statement };
  };
