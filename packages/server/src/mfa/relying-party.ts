/** Options for a browser (WebAuthn Level 3 §5.10, in JSON form), and its responses. Pure. */
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';
import { CHALLENGE_MS } from './challenges.ts';
import type { StoredPasskey } from './passkey-store.ts';

/** EdDSA, ES256 and RS256 (COSE): the algorithms that authenticators have. */
export const ALGORITHMS = [-8, -7, -257];

const MAX_TRANSPORTS = 8;
const TRANSPORT = /^[a-z-]{1,20}$/;

type Known = Pick<StoredPasskey, 'credentialId' | 'transports'>;

// The library's type lists the transports that it knows; browsers ignore others.
type Transports = NonNullable<
  NonNullable<PublicKeyCredentialRequestOptionsJSON['allowCredentials']>[number]['transports']
>;

const descriptorOf = ({ credentialId, transports }: Known) => ({
  id: credentialId,
  type: 'public-key' as const,
  ...(transports.length > 0 && { transports: [...transports] as Transports }),
});

export const creationOptions = (
  challenge: string,
  domain: string,
  name: string,
  user: { readonly handle: string; readonly name: string },
  known: readonly Known[],
) =>
  ({
    rp: { id: domain, name },
    user: { id: user.handle, name: user.name, displayName: user.name },
    challenge,
    pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: 'public-key' as const, alg })),
    timeout: CHALLENGE_MS,
    excludeCredentials: known.map(descriptorOf),
    authenticatorSelection: {
      residentKey: 'required',
      requireResidentKey: true,
      userVerification: 'required',
    },
    attestation: 'none',
  }) satisfies PublicKeyCredentialCreationOptionsJSON;

/** @param known the accepted passkeys; empty = any of the domain, because a passkey names its account */
export const requestOptions = (challenge: string, domain: string, known: readonly Known[] = []) =>
  ({
    challenge,
    timeout: CHALLENGE_MS,
    rpId: domain,
    allowCredentials: known.map(descriptorOf),
    userVerification: 'required',
  }) satisfies PublicKeyCredentialRequestOptionsJSON;

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

/** The texts of these names; `undefined` when one is missing. */
function textsOf<const Name extends string>(object: Fields, names: readonly Name[]) {
  const texts = names.map((name) => [name, object[name]] as const);
  const isGood = texts.every(([, text]) => typeof text === 'string' && text !== '');
  return isGood ? (Object.fromEntries(texts) as Record<Name, string>) : undefined;
}

function envelopeOf(credential: unknown) {
  if (!isObject(credential) || credential['type'] !== 'public-key') return undefined;
  const { response } = credential;
  const ids = textsOf(credential, ['id', 'rawId']);
  return ids && isObject(response) ? { ids, response } : undefined;
}

const COMMON = { type: 'public-key', clientExtensionResults: {} } as const;

/** The parts of a browser's response to creation options that are used. */
export function readCreated(credential: unknown): RegistrationResponseJSON | undefined {
  const found = envelopeOf(credential);
  const texts = found && textsOf(found.response, ['clientDataJSON', 'attestationObject']);
  return texts && { ...COMMON, ...found.ids, response: texts };
}

export function readTransports(credential: unknown): string[] {
  const listed = envelopeOf(credential)?.response['transports'];
  const known = Array.isArray(listed) ? listed.slice(0, MAX_TRANSPORTS) : [];
  return known.filter((each) => typeof each === 'string' && TRANSPORT.test(each));
}

/** The parts of a browser's response to request options that are used. */
export function readShown(credential: unknown): AuthenticationResponseJSON | undefined {
  const found = envelopeOf(credential);
  const texts =
    found && textsOf(found.response, ['clientDataJSON', 'authenticatorData', 'signature']);
  if (!texts) return undefined;
  const { userHandle } = found.response;
  const handle = typeof userHandle === 'string' ? { userHandle } : {};
  return { ...COMMON, ...found.ids, response: { ...texts, ...handle } };
}
