/**
 * Tokens that a mail carries: one link and one code each, good once and for one purpose. Owns the
 * table `one_time_tokens`, their lifetimes and how they are compared; does not own what they allow
 * (recovery/) or how they are mailed (outbox/, mail/). No text of a token is stored: link and code
 * are computed from the row with keys derived from the secret. Imported by recovery/ and services.ts.
 */
import type { Clock } from '../clock.ts';
import type { Tx } from '../database/database.ts';
import { CODE_ATTEMPTS, CODE_LIFETIME_MS, LIFETIMES_MS, type Purpose } from './purpose.ts';
import type { OneTimeTokenStore, StoredToken } from './store.ts';
import { codeOf, type DeriveKey, isSame, linkToken, readTokenId } from './token.ts';

export type OneTimeTokens = ReturnType<typeof createOneTimeTokens>;

type Deps = {
  readonly store: OneTimeTokenStore;
  readonly clock: Clock;
  readonly deriveKey: DeriveKey;
};

/** A token that was presented and is good so far; only `spend` decides. */
export type Presented = StoredToken;

export function createOneTimeTokens({ store, clock, deriveKey }: Deps) {
  const isLive = (token: StoredToken, lifetimeMs?: number) => {
    const now = clock.now();
    return (
      token.expiresAt > now && (lifetimeMs === undefined || token.createdAt + lifetimeMs > now)
    );
  };

  const isNewest = async (token: StoredToken): Promise<boolean> =>
    (await store.newest(token.userId, token.purpose))?.id === token.id;

  return {
    /** Makes the token that supersedes all earlier ones of the user for this purpose. */
    issue(tx: Tx, userId: number, purpose: Purpose, address: string): Promise<StoredToken> {
      const createdAt = clock.now();
      const expiresAt = createdAt + LIFETIMES_MS[purpose];
      return store.insert(tx, { userId, purpose, address, createdAt, expiresAt });
    },

    /** What the mail of a token says. */
    textsOf: (token: StoredToken) => ({
      link: linkToken(deriveKey, token),
      code: codeOf(deriveKey, token),
    }),

    /** A token that can still be used: neither spent, expired nor superseded. */
    async findLive(id: number): Promise<StoredToken | undefined> {
      const token = await store.find(id);
      const isGood = token && token.usedAt === undefined && isLive(token);
      return isGood && (await isNewest(token)) ? token : undefined;
    },

    /**
     * The token of a link: live, the newest of its user and purpose. One that was spent is found
     * too, with `usedAt`.
     */
    async byLink(text: string, userId: number, purpose: Purpose): Promise<Presented | undefined> {
      const id = readTokenId(text);
      const token = id === undefined ? undefined : await store.find(id);
      if (!token || !isSame(linkToken(deriveKey, token), text)) return undefined;
      if (token.purpose !== purpose || token.userId !== userId || !isLive(token)) return undefined;
      return (await isNewest(token)) ? token : undefined;
    },

    /** The token of a code. Each attempt is counted, in `count`'s transaction, before it is compared. */
    async byCode(
      code: string,
      userId: number,
      purpose: Purpose,
      count: (within: (tx: Tx) => Promise<void>) => Promise<void>,
    ): Promise<Presented | undefined> {
      const token = await store.newest(userId, purpose);
      const isOpen = token !== undefined && isLive(token, CODE_LIFETIME_MS);
      let isLeft = false;
      await count(async (tx) => {
        isLeft = isOpen && (await store.countAttempt(tx, token.id, CODE_ATTEMPTS));
      });
      return isLeft && token && isSame(codeOf(deriveKey, token), code) ? token : undefined;
    },

    /** Spends a token in the transaction of its effect. @returns `false` when it was spent before */
    async spend(tx: Tx, token: Presented): Promise<boolean> {
      const newest = await store.newest(token.userId, token.purpose, tx);
      return newest?.id === token.id && store.spend(tx, token.id, clock.now());
    },

    isReserved: (tx: Tx, address: string, exceptUser?: number) =>
      store.isReserved(tx, address, clock.now(), exceptUser),
  };
}
