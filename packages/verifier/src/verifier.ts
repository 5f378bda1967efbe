/**
 * Verifies access tokens in an API of one's own, without asking the issuer for each: keys from its
 * JWKS or a shared secret, sessions that ended from its revocation feed. Owns the wiring of the two
 * with `verifyJws`; nothing here decides what a good token is.
 */
import { type AccessClaims, readAccessClaims, type Subject, subjectOf } from './access-claims.ts';
import { validateClaims } from './claims.ts';
import { TokenError } from './errors.ts';
import { importSecret } from './jwk.ts';
import { ASYMMETRIC, readJwks } from './jwks.ts';
import { MAX_TOKEN_LENGTH, parseCompactJws, type UnverifiedJws } from './jws.ts';
import { createKeySet, type KeySet } from './key-set.ts';
import { requireUsable, type VerifierOptions } from './options.ts';
import { fetchJson, issuerUrl, type Remote } from './remote.ts';
import { createRemoteKeys, maxAgeOf } from './remote-keys.ts';
import { createRevocationFeed, type RevocationFeed } from './revocation-feed.ts';
import { verifyJws } from './token.ts';
import { createTokenCache, placeOf } from './token-cache.ts';

/** What `createVerifier` makes. */
export type Verifier = ReturnType<typeof createVerifier>;

type Known = {
  readonly claims: AccessClaims;
  readonly subject: Subject;
  readonly keys: KeySet;
};

const NOBODY: Subject = {};
const NO_KEYS = createKeySet([]);
const REVOKED = 'The session has ended';
const MAX_JWKS_BYTES = 256 * 1024;

/**
 * Makes a verifier of access tokens. It begins to fetch keys, and to follow the feed, at once; it
 * keeps the process alive while it follows a feed, until `close()`.
 *
 * @throws {TypeError} for options that cannot be meant, {KeyError} for a secret that is too short
 * @example
 * const verifier = createVerifier({ secret, issuer: 'https://auth.example.com' });
 * const claims = await verifier.verify(token).catch((error) => error.reason);
 * console.log(claims); // wrong_issuer
 * verifier.close();
 */
export function createVerifier(options: VerifierOptions) {
  requireUsable(options);
  const { issuer, audience, leeway, tokenType = 'access', cacheSize = 10_000 } = options;
  const { allowInsecureHttp = false, acceptSessionlessTokens = false } = options;
  const { whenStale = 'refuse' } = options;
  const now = options.now ?? (() => Date.now() / 1000);
  const closing = new AbortController();
  const remote: Remote = {
    fetch: options.fetch ?? fetch,
    timeoutMs: 1000 * (options.fetchTimeout ?? 5),
    closed: closing.signal,
  };
  // What the callback throws is its own fault and must not stop what called it.
  const onError = (error: Error) => queueMicrotask(() => options.onError?.(error));

  const secretKey = options.secret === undefined ? undefined : importSecret(options.secret);
  const secretKeys = secretKey && createKeySet([{ key: secretKey }]);
  const remoteKeys = options.jwksUrl === undefined ? undefined : keysFrom(options.jwksUrl);
  const feed = options.revocationsUrl === undefined ? undefined : feedFrom(options.revocationsUrl);
  const cache = createTokenCache<Known>(cacheSize);
  const rules = {
    tokenType,
    ...(issuer !== undefined && { issuer }),
    ...(audience !== undefined && { audience }),
    ...(leeway !== undefined && { leeway }),
  };

  function keysFrom(jwksUrl: string | URL) {
    const url = issuerUrl(jwksUrl, 'jwksUrl', allowInsecureHttp);
    return createRemoteKeys({
      async load() {
        const { body, headers } = await fetchJson(remote, url, MAX_JWKS_BYTES);
        return { ...readJwks(body, options.algorithms ?? ASYMMETRIC), maxAge: maxAgeOf(headers) };
      },
      offlineGraceMs: 1000 * (options.offlineGrace ?? 86_400),
      cooldownMs: 1000 * (options.unknownKeyCooldown ?? 5),
      closed: closing.signal,
      onError,
    });
  }

  function feedFrom(revocationsUrl: string | URL) {
    return createRevocationFeed({
      remote,
      url: issuerUrl(revocationsUrl, 'revocationsUrl', allowInsecureHttp),
      maxStalenessMs: 1000 * (options.maxStaleness ?? 30),
      maxRevocations: options.maxRevocations ?? 1_000_000,
      now,
      onError,
    });
  }

  /** Signature and claims; of a token seen before under keys that still hold, the claims alone. */
  async function check(token: string): Promise<Known> {
    const isReadable = typeof token === 'string' && token.length <= MAX_TOKEN_LENGTH;
    const place = cacheSize > 0 && isReadable ? placeOf(token) : undefined;
    const known = place === undefined ? undefined : cache.find(place);
    if (known && (known.keys === secretKeys || known.keys === remoteKeys?.current())) {
      validateClaims(known.claims, { ...rules, now: now() });
      return known;
    }
    const fresh = await checkNew(parseCompactJws(token));
    if (place !== undefined) cache.add(place, fresh);
    return fresh;
  }

  async function checkNew(jws: UnverifiedJws): Promise<Known> {
    // Keys of a JWKS are named by the token; the secret is the key of tokens that name none.
    if (!remoteKeys || !Object.hasOwn(jws.header, 'kid'))
      return checkWith(jws, secretKeys ?? NO_KEYS);
    const keys = remoteKeys.current() ?? (await remoteKeys.demand());
    try {
      return checkWith(jws, keys);
    } catch (error) {
      const isUnknown = error instanceof TokenError && error.reason === 'unknown_key';
      const renewed = isUnknown ? await remoteKeys.renewed() : undefined;
      if (!renewed) throw error;
      return checkWith(jws, renewed);
    }
  }

  function checkWith(jws: UnverifiedJws, keys: KeySet): Known {
    const { claims } = verifyJws(jws, { ...rules, keys, now: now() });
    const access = readAccessClaims(claims);
    return { claims: access, subject: feed ? subjectOf(access) : NOBODY, keys };
  }

  function tolerate(error: unknown): void {
    if (whenStale === 'refuse') throw error;
  }

  function requireUnrevoked(list: RevocationFeed, { claims, subject }: Known): void {
    const epoch = list.cutoff();
    if (epoch > 0 && (claims.iat ?? 0) < epoch) throw new TokenError('revoked', REVOKED);
    if (subject.session !== undefined) {
      if (list.isSessionRevoked(subject.session)) throw new TokenError('revoked', REVOKED);
    } else if (!acceptSessionlessTokens) {
      throw new TokenError('no_session', 'The token has no session that could have ended');
    } else if (subject.user !== undefined) {
      const cutoff = list.userCutoff(subject.user);
      if (cutoff > 0 && (claims.iat ?? 0) < cutoff) throw new TokenError('revoked', REVOKED);
    }
  }

  remoteKeys?.start();
  feed?.start();

  return {
    /**
     * The claims of a good access token. No request is made for it, except for the keys, when there
     * are none yet or the token names one that is not known.
     *
     * @throws {TokenError} the token is refused: answer 401
     * @throws {UnavailableError} the issuer has been out of reach for too long: answer 503
     */
    async verify(token: string): Promise<AccessClaims> {
      const known = await check(token);
      if (feed) {
        if (feed.isStale()) await feed.demand().catch(tolerate);
        requireUnrevoked(feed, known);
      }
      return known.claims;
    },

    /**
     * Waits until there are keys, and news of what has been revoked. Not needed before `verify`,
     * which waits by itself; it tells at the start what would fail later.
     *
     * @throws {UnavailableError}
     */
    async ready(): Promise<void> {
      await Promise.all([remoteKeys?.demand(), feed?.demand()]);
    },

    /** For a health check or metrics. */
    status: () => ({
      keys: remoteKeys?.status(),
      revocations: feed?.status(),
      cachedTokens: cache.size(),
    }),

    /** Ends all requests and timers. What is known still verifies, until it is too old. */
    close: (): void => closing.abort(),

    [Symbol.dispose]: (): void => closing.abort(),
  };
}
