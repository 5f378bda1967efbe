/**
 * Drops attestations unread. The options ask for none, but a client may send one. In some formats it
 * has certificates whose revocation lists the library would fetch before it checks any signature.
 */
import type { RegistrationResponseJSON } from '@simplewebauthn/server';

/**
 * Replaces the attestation by one of the format `none` (WebAuthn Level 3 §8.7) around the same
 * authenticator data.
 *
 * @throws when the attestation object is not CBOR; the library checks everything else in it
 */
export async function withoutAttestation(
  created: RegistrationResponseJSON,
): Promise<RegistrationResponseJSON> {
  const { decodeAttestationObject, isoBase64URL, isoCBOR } = await import(
    '@simplewebauthn/server/helpers'
  );
  const { clientDataJSON, attestationObject } = created.response;
  const authData = decodeAttestationObject(isoBase64URL.toBuffer(attestationObject)).get(
    'authData',
  );
  const entries: [string, Parameters<typeof isoCBOR.encode>[0]][] = [
    ['fmt', 'none'],
    ['attStmt', new Map()],
    ['authData', authData],
  ];
  const none = isoCBOR.encode(new Map(entries));
  const response = { clientDataJSON, attestationObject: isoBase64URL.fromBuffer(none) };
  return { ...created, response };
}
