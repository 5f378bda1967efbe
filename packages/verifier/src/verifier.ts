/**
 * Verifies access tokens in an API of one's own, without asking the issuer for each: keys from its
 * JWKS or a shared secret, sessions that ended from its revocation feed. Owns the wiring of the two
 * with `verifySeen`; nothing here decides what a good token is.
 */
import { type AccessClaims, readAccessClaims, type Subject, subjectOf } from './access-claims.ts';
import type { TokenClaims } from './claims.ts';
import { TokenError } from './errors.ts';
import { failureOf, seldom } from './failure.ts';
import { importSecret } from './jwk.ts';
import { ASYMMETRIC, readJwks } from './jwks.ts';
import { parseCompactJws } from './jws.ts';
import { createKeySet, type KeySet } from './key-set.ts';
import { requireUsable, type VerifierOptions } from './options.ts';
import { fetchJson, issuerUrl, type Remote } from './remote.ts';
import { createRemoteKeys, maxAgeOf } from './remote-keys.ts';
import { createRevocationFeed, type RevocationFeed } from './revocation-feed.ts';
import { createSeenTokens, verifySeen } from './token.ts';

/** A verifier, from `createVerifier`. */
export type Verifier<Custom extends object = object> = ReturnType<typeof createVerifier<Custom>>;

const NO_SUBJECT: Subject = { series: 0, claimsVersion: 0 };
const REVOKED = 'The session has ended';
const MAX_JWKS_BYTES = 256 * 1024;

/**
 * Creates a verifier of access tokens. It begins at once to fetch keys and to follow the feed. While
 * it follows a feed it keeps the process alive, until `close()`.
 *
 * @typeParam Custom the claims that the issuer's operator sets: `createVerifier<{ role?: string }>(…)`
 * @param options `jwksUrl`, `secret` or both, and what differs from the defaults: see `VerifierOptions`
 * @throws {TypeError} for an unknown option, an option with an invalid value, or neither `jwksUrl` nor `secret`
 * @throws {KeyError} for a secret that is too short
 * @example
 * const verifier = createVerifier({ secret, issuer: 'https://auth.example.com' });
 * const claims = await verifier.verify(token).catch((error) => error.reason);
 * console.log(claims); // wrong_issuer
 * verifier.close();
 */
export function createVerifier<Custom extends object = object>(options: VerifierOptions) {
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
  const onError = seldom((error) => options.onError?.(error));

  const { secret } = options;
  const secretKeys =
    secret === undefined ? undefined : createKeySet([{ key: importSecret(secret) }]);
  const remoteKeys = options.jwksUrl === undefined ? undefined : keysFrom(options.jwksUrl);
  const feed = options.revocationsUrl === undefined ? undefined : feedFrom(options.revocationsUrl);
  // Keys of a JWKS are named by the token; the secret is the key of tokens that name none.
  const keys: KeySet = {
    find: (kid) => (kid === undefined ? secretKeys?.find(kid) : remoteKeys?.current()?.find(kid)),
  };
  const seen = createSeenTokens(cacheSize);
  const rules = {
    keys,
    ...(cacheSize > 0 && { seen }),
    tokenType,
    ...(issuer !== undefined && { issuer }),
    ...(audience !== undefined && { audience }),
    ...(leeway !== undefined && { leeway }),
  };

  function keysFrom(jwksUrl: string | URL) {
    const url = issuerUrl(jwksUrl, 'jwksUrl', allowInsecureHttp);
    const accepted = options.algorithms ?? ASYMMETRIC;
    return createRemoteKeys({
      async load() {
        const { body, headers } = await fetchJson(remote, url, MAX_JWKS_BYTES);
        try {
          return { ...readJwks(body, accepted), maxAge: maxAgeOf(headers) };
        } catch (error) {
          throw failureOf(url, error);
        }
      },
      // Before a change from the secret to public keys there are none yet.
      mayBeEmpty: secretKeys !== undefined,
      source: url.origin + url.pathname,
      offlineGraceMs: 1000 * (options.offlineGrace ?? 86_400),
      cooldownMs: 1000 * (options.unknownKeyCooldown ?? 5),
      closed: closing.signal,
      onError,
    });
  }

  function feedFrom(revocationsUrl: string | URL) {
    const url = issuerUrl(revocationsUrl, 'revocationsUrl', allowInsecureHttp);
    return createRevocationFeed({
      remote,
      url,
      maxStalenessMs: 1000 * (options.maxStaleness ?? 30),
      maxRevocations: options.maxRevocations ?? 1_000_000,
      now,
      onError: (error) => onError(failureOf(url, error)),
    });
  }

  const check = (token: string) => verifySeen(token, { ...rules, now: now() });

  /** Checks again where the key was missing and could be had. */
  async function checkAnew(token: string, error: unknown) {
    const isKeyUnknown = error instanceof TokenError && error.reason === 'unknown_key';
    if (!remoteKeys || !isKeyUnknown) throw error;
    if (!Object.hasOwn(parseCompactJws(token).header, 'kid')) throw error;
    if (!remoteKeys.current()) await remoteKeys.demand();
    else if (!(await remoteKeys.renewed())) throw error;
    return check(token);
  }

  const subjectIn = (claims: AccessClaims): Subject => (feed ? subjectOf(claims) : NO_SUBJECT);

  function tolerate(error: unknown): void {
    if (whenStale === 'refuse') throw error;
  }

  function requireUnrevoked(list: RevocationFeed, claims: TokenClaims, subject: Subject): void {
    const { session, series, user, claimsVersion } = subject;
    const { iat = 0 } = claims;
    const cutoff = list.cutoff();
    if (cutoff > 0 && iat < cutoff) throw new TokenError('revoked', REVOKED);
    if (session !== undefined) {
      const isEnded = user !== undefined && list.isAccountEnded(user, session, series, iat);
      if (isEnded || list.isSessionRevoked(session)) throw new TokenError('revoked', REVOKED);
    } else if (!acceptSessionlessTokens) {
      throw new TokenError('no_session', 'The token has no session that could have ended');
    } else if (user !== undefined) {
      const ofUser = list.userCutoff(user);
      if (ofUser > 0 && iat < ofUser) throw new TokenError('revoked', REVOKED);
    }
    if (user !== undefined && list.areClaimsStale(user, claimsVersion))
      throw new TokenError('stale_claims', 'The account has other claims by now');
  }

  remoteKeys?.start();
  feed?.start();

  return {
    /**
     * Returns the claims of a valid access token. It sends no request, except for the keys if there
     * are none yet or the token names an unknown one.
     *
     * @param token of the `Authorization` header, at most 8192 characters
     * @returns the claims, frozen
     * @throws {TokenError} the token is refused: respond with 401
     * @throws {UnavailableError} the issuer has been unreachable for too long: respond with 503
     * @example
     * const { exp } = await verifier.verify(token);
     */
    async verify(token: string): Promise<AccessClaims<Custom>> {
      let entry: ReturnType<typeof check>;
      try {
        entry = check(token);
      } catch (error) {
        entry = await checkAnew(token, error);
      }
      const { claims } = entry;
      // Read and frozen the first time: a token that is seen again gives out the same claims.
      entry.subject ??= subjectIn(readAccessClaims(claims));
      if (feed) {
        if (feed.isStale()) await feed.demand().catch(tolerate);
        requireUnrevoked(feed, claims, entry.subject);
      }
      return claims as AccessClaims<Custom>;
    },

    /**
     * Waits until the keys and the revocations have been read. `verify` waits by itself; call this at
     * the start to detect an issuer that cannot be reached, or a key set without a usable key, as an
     * issuer that signs with HS256 publishes.
     *
     * @throws {UnavailableError}
     * @example
     * await verifier.ready();
     */
    async ready(): Promise<void> {
      await Promise.all([remoteKeys?.demandSome(), feed?.demand()]);
    },

    /**
     * Returns the state for a health check or metrics: of the keys (without `jwksUrl` undefined), of the
     * revocations (without `revocationsUrl` undefined), and the number of cached tokens. Ages are seconds.
     *
     * @example
     * const { keys, revocations, cachedTokens } = verifier.status();
     */
    status: () => ({
      keys: remoteKeys?.status(),
      revocations: feed?.status(),
      cachedTokens: seen.size(),
    }),

    /**
     * Ends all requests and timers. Known keys still verify until they are too old.
     *
     * @example
     * verifier.close();
     */
    close: (): void => closing.abort(),

    [Symbol.dispose]: (): void => closing.abort(),
  };
}
