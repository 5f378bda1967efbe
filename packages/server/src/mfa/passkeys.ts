/**
 * Passkeys: the options for a browser, and the check of its response. A challenge is marked as used
 * before the response is parsed. A use counts only after its counter was compared, in the transaction
 * of the action that it allows.
 */
import { createHmac } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { PasskeySite } from '../config/passkey-settings.ts';
import type { Tx } from '../database/database.ts';
import { Refusal } from '../errors.ts';
import type { User } from '../users/user.ts';
import { withoutAttestation } from './attestation.ts';
import {
  CHALLENGE_MS,
  type Challenge,
  challengeText,
  readChallenge,
  type Use,
} from './challenges.ts';
import type { PasskeyStore, StoredPasskey } from './passkey-store.ts';
import { NO_PASSKEYS, SECOND_FACTORS_OFF, TOO_MANY_FACTORS } from './refusals.ts';
import {
  ALGORITHMS,
  creationOptions,
  readCreated,
  readShown,
  readTransports,
  requestOptions,
} from './relying-party.ts';

export type Passkeys = ReturnType<typeof createPasskeys>;

/** A passkey whose signature was right; only `use` decides. */
export type ShownPasskey = { readonly passkey: StoredPasskey; readonly counter: number };

type Deps = {
  readonly store: PasskeyStore;
  /** `undefined` = this service has no passkeys. */
  readonly site: PasskeySite | undefined;
  /** The name of the service in a browser. */
  readonly name: string;
  readonly deriveKey: (info: string) => Uint8Array;
  readonly isOn: boolean;
  readonly clock: Clock;
  readonly random: (bytes: number) => Uint8Array;
};

export const MAX_PASSKEYS = 20;
/** The longest credential id (WebAuthn Level 3 §7.1); PostgreSQL cannot index much longer texts. */
const MAX_ID_BYTES = 1023;

// Loaded on demand: it costs 180 ms and 28 MiB, which services without passkeys do not need.
const library = () => import('@simplewebauthn/server');

/** Whether the page that made the response was in a frame of another origin (WebAuthn §7.2). */
async function isFramed({ response }: { response: { clientDataJSON: string } }): Promise<boolean> {
  const { decodeClientDataJSON } = await import('@simplewebauthn/server/helpers');
  return decodeClientDataJSON(response.clientDataJSON).crossOrigin === true;
}

export function createPasskeys(deps: Deps) {
  const { store, name, deriveKey, clock, random } = deps;
  let derived: Uint8Array | undefined;
  const key = () => {
    derived ??= deriveKey('passkey challenge');
    return derived;
  };

  /** @throws {Refusal} `second_factors_off` or `no_passkeys` */
  function site(): PasskeySite {
    if (!deps.isOn) throw new Refusal(SECOND_FACTORS_OFF);
    if (!deps.site) throw new Refusal(NO_PASSKEYS);
    return deps.site;
  }

  const issue = (use: Use, tokenId = 0): string =>
    challengeText(key(), use, {
      random: random(16),
      expiresAt: clock.now() + CHALLENGE_MS,
      tokenId,
    });

  /** Stored with each passkey, so that authenticators still know the account after the secret changes. */
  const newHandle = (userId: number): string =>
    createHmac('sha256', key()).update(`user handle ${userId}`).digest('base64url');

  const expectations = (challenge: string) => {
    const { domain, origins } = site();
    return {
      expectedChallenge: challenge,
      expectedOrigin: [...origins],
      expectedRPID: domain,
      requireUserVerification: true,
    };
  };

  return {
    /** Options with which a browser creates a passkey. @throws {Refusal} `too_many_factors` */
    async begin(user: User, sessionId = '') {
      const { domain } = site();
      const known = await store.of(user.id);
      if (known.length >= MAX_PASSKEYS) throw new Refusal(TOO_MANY_FACTORS);
      const challenge = issue({ purpose: 'register', userId: user.id, sessionId });
      const handle = known[0]?.userHandle ?? newHandle(user.id);
      const account = { handle, name: user.email };
      return { challenge, public_key: creationOptions(challenge, domain, name, account, known) };
    },

    /**
     * Options with which a browser uses a passkey.
     *
     * @param account whose passkeys are accepted. Absent: any, so that the options do not tell whether
     *   an account has one. `tokenId` is that of the login whose second factor the passkey is
     */
    async ask(use: Use, account?: { readonly userId: number; readonly tokenId?: number }) {
      const { domain } = site();
      const challenge = issue(use, account?.tokenId);
      const known = account && (await store.of(account.userId));
      return { challenge, public_key: requestOptions(challenge, domain, known) };
    },

    read(use: Use, text: string): Challenge | undefined {
      site();
      return readChallenge(key(), use, text, clock.now());
    },

    /** Marks a challenge as used, before the response is parsed. @returns `false` = it was used before */
    consume: (tx: Tx, { id, expiresAt }: Challenge): Promise<boolean> =>
      store.spendChallenge(tx, id, expiresAt),

    /** The new passkey in a browser's response to the challenge, if the response is valid. */
    async created(user: User, challenge: string, credential: unknown) {
      const response = readCreated(credential);
      const { verifyRegistrationResponse } = await library();
      const verify = async (made: typeof response & object) =>
        verifyRegistrationResponse({
          ...expectations(challenge),
          response: await withoutAttestation(made),
          supportedAlgorithmIDs: ALGORITHMS,
        });
      const verified = response && (await verify(response).catch(() => undefined));
      if (!response || !verified?.verified || (await isFramed(response))) return undefined;
      const { id: credentialId, publicKey, counter } = verified.registrationInfo.credential;
      if (Buffer.byteLength(credentialId, 'base64url') > MAX_ID_BYTES) return undefined;
      const known = await store.of(user.id);
      return {
        id: newId(random(8)),
        userId: user.id,
        userHandle: known[0]?.userHandle ?? newHandle(user.id),
        transports: readTransports(credential),
        domain: site().domain,
        ...{ credentialId, publicKey, counter },
      };
    },

    /**
     * The known passkey in a browser's response to the challenge, if the response is valid.
     *
     * @param userId the account that the passkey must belong to. Absent: the authenticator must name it
     */
    async shown(
      challenge: string,
      credential: unknown,
      userId?: number,
    ): Promise<ShownPasskey | undefined> {
      const response = readShown(credential);
      const passkey = response && (await store.byCredentialId(response.id));
      if (!passkey || (userId !== undefined && userId !== passkey.userId)) return undefined;
      const { userHandle = userId === undefined ? '' : passkey.userHandle } = response.response;
      if (userHandle !== passkey.userHandle) return undefined;
      const { verifyAuthenticationResponse } = await library();
      const { credentialId: id, publicKey } = passkey;
      const verified = await verifyAuthenticationResponse({
        ...expectations(challenge),
        response,
        // With 0 the library accepts any counter: `use` compares counters, in the transaction.
        credential: { id, publicKey: Uint8Array.from(publicKey), counter: 0 },
      }).catch(() => undefined);
      if (!verified?.verified || (await isFramed(response))) return undefined;
      return { passkey, counter: verified.authenticationInfo.newCounter };
    },

    /** Records a use in the transaction of the action that it allows. @returns whether it counts */
    use: (tx: Tx, { passkey, counter }: ShownPasskey): Promise<boolean> =>
      store.use(tx, passkey.id, counter, site().domain, clock.now()),
  };
}

/** Above all ids that a table counts up to, so that no app has the same id; exact in JSON. */
function newId(random: Uint8Array): number {
  return 2 ** 32 + Number(Buffer.from(random).readBigUInt64BE() >> 12n);
}
