/** An authenticator in software: a P-256 key per passkey, and responses that a test can falsify. */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import type { Attestation } from './attestation.ts';

type CreationOptions = {
  readonly challenge: string;
  readonly rp: { readonly id?: string };
  readonly user: { readonly id: string };
};
type RequestOptions = { readonly challenge: string; readonly rpId?: string };

/** The parts of a response that differ from those of an honest authenticator. */
export type Lies = {
  readonly origin?: string;
  readonly challenge?: string;
  readonly rpId?: string;
  readonly type?: string;
  readonly crossOrigin?: boolean;
  readonly isVerified?: boolean;
  readonly isPresent?: boolean;
  readonly counter?: number;
  /** null = the response names no account. */
  readonly userHandle?: string | null;
  readonly key?: KeyObject;
  readonly attestation?: (made: { clientData: Buffer; publicKey: KeyObject }) => Attestation;
};

const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest();
const text = (value: string) =>
  Buffer.concat([Buffer.from([0x60 + value.length]), Buffer.from(value)]);
const bytes = (value: Uint8Array) =>
  Buffer.concat([Buffer.from([0x59, value.length >> 8, value.length & 0xff]), value]);

/** COSE_Key of an EC2 key on P-256 for ES256 (RFC 9053 §7.1.1), in CBOR. */
function coseKey(publicKey: KeyObject): Buffer {
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  return Buffer.concat([
    Buffer.from('a5010203262001215820', 'hex'),
    Buffer.from(x, 'base64url'),
    Buffer.from('225820', 'hex'),
    Buffer.from(y, 'base64url'),
  ]);
}

/**
 * @param origin of the page that uses it
 * @param idLength of the ids of its passkeys, in bytes
 */
export function createAuthenticator(origin: string, idLength = 16) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const credentialId = randomBytes(idLength);
  const id = credentialId.toString('base64url');
  let userHandle = '';
  let counter = 0;

  const clientData = (type: string, challenge: string, lies: Lies) =>
    Buffer.from(
      JSON.stringify({
        type: lies.type ?? type,
        challenge: lies.challenge ?? challenge,
        origin: lies.origin ?? origin,
        crossOrigin: lies.crossOrigin ?? false,
      }),
    );

  function authenticatorData(rpId: string, lies: Lies, attested?: Buffer): Buffer {
    const { isPresent = true, isVerified = true } = lies;
    const flags = (isPresent ? 1 : 0) | (isVerified ? 4 : 0) | (attested ? 0x40 : 0);
    const said = Buffer.alloc(5);
    said.writeUInt8(flags);
    said.writeUInt32BE(lies.counter ?? counter, 1);
    return Buffer.concat([sha256(lies.rpId ?? rpId), said, ...(attested ? [attested] : [])]);
  }

  return {
    id,
    privateKey,

    /** Sets the counter from which the next uses count. */
    count(from: number) {
      counter = from;
    },

    create(options: CreationOptions, lies: Lies = {}) {
      userHandle = options.user.id;
      const length = Buffer.from([idLength >> 8, idLength & 255]);
      const attested = Buffer.concat([Buffer.alloc(16), length, credentialId, coseKey(publicKey)]);
      const authData = authenticatorData(options.rp.id ?? '', lies, attested);
      const made = {
        clientData: clientData('webauthn.create', options.challenge, lies),
        publicKey,
      };
      const none = { fmt: 'none', statement: Buffer.from([0xa0]) };
      const { fmt, statement } = lies.attestation?.(made) ?? none;
      const attestation = Buffer.concat([
        Buffer.from([0xa3]),
        ...[text('fmt'), text(fmt), text('attStmt'), statement],
        ...[text('authData'), bytes(authData)],
      ]);
      return {
        ...{ id, rawId: id, type: 'public-key', clientExtensionResults: {} },
        response: {
          clientDataJSON: made.clientData.toString('base64url'),
          attestationObject: attestation.toString('base64url'),
          transports: ['internal', 'hybrid'],
        },
      };
    },

    get(options: RequestOptions, lies: Lies = {}) {
      const client = clientData('webauthn.get', options.challenge, lies);
      const data = authenticatorData(options.rpId ?? '', lies);
      const signature = sign(
        'sha256',
        Buffer.concat([data, sha256(client)]),
        lies.key ?? privateKey,
      );
      const handle = lies.userHandle === undefined ? userHandle : lies.userHandle;
      return {
        ...{ id, rawId: id, type: 'public-key', clientExtensionResults: {} },
        response: {
          clientDataJSON: client.toString('base64url'),
          authenticatorData: data.toString('base64url'),
          signature: signature.toString('base64url'),
          ...(handle !== null && { userHandle: handle }),
        },
      };
    },
  };
}

export type Authenticator = ReturnType<typeof createAuthenticator>;
