/**
 * Tokens in a mail or a response, each valid once and for one purpose. Owns the table
 * `one_time_tokens`, their lifetimes and their comparison. Does not own what they allow (recovery/) or
 * how they are mailed (outbox/, mail/). No text of a token is stored: link and code are computed from
 * the row with keys derived from the secret. Imported by recovery/ and services.ts.
 */
import type { Clock } from '../clock.ts';
import type { Tx } from '../database/database.ts';
import {
  CODE_ATTEMPTS,
  CODE_LIFETIME_MS,
  COEXISTING,
  LIFETIMES_MS,
  type Purpose,
} from './purpose.ts';
import type { OneTimeTokenStore, StoredToken } from './store.ts';
import { allKeys, codeOf, type DeriveKey, isSame, linkToken, readTokenId } from './token.ts';

export type OneTimeTokens = ReturnType<typeof createOneTimeTokens>;

type Deps = {
  readonly store: OneTimeTokenStore;
  readonly clock: Clock;
  readonly deriveKey: DeriveKey;
};

/** A token that was valid when it was presented; only `spend` decides. */
export type Presented = StoredToken;

export function createOneTimeTokens({ store, clock, deriveKey }: Deps) {
  const isLive = (token: StoredToken, lifetimeMs?: number) => {
    const now = clock.now();
    return (
      token.expiresAt > now && (lifetimeMs === undefined || token.createdAt + lifetimeMs > now)
    );
  };

  const isCurrent = async (token: StoredToken, tx?: Tx): Promise<boolean> =>
    COEXISTING.has(token.purpose) ||
    (await store.newest(token.userId, token.purpose, tx))?.id === token.id;

  function issue(tx: Tx, userId: number, purpose: Purpose, address: string): Promise<StoredToken> {
    const createdAt = clock.now();
    const expiresAt = createdAt + LIFETIMES_MS[purpose];
    return store.insert(tx, { userId, purpose, address, createdAt, expiresAt });
  }

  return {
    /** Issues a token. Unless its purpose is COEXISTING, it supersedes the user's earlier ones. */
    issue,

    /**
     * Issues a token in place of one that expired before its mail could be sent.
     *
     * @returns `undefined` when that one was spent, superseded or ended, or has not expired
     */
    async renew(tx: Tx, id: number): Promise<StoredToken | undefined> {
      const token = await store.find(id, tx);
      if (!token || token.usedAt !== undefined || isLive(token)) return undefined;
      if (!(await isCurrent(token, tx))) return undefined;
      return issue(tx, token.userId, token.purpose, token.address);
    },

    /** The present keys, for a thread that makes mails. */
    keys: () => allKeys(deriveKey),

    /** The texts of a token that its mail contains. */
    textsOf: (token: StoredToken) => ({
      link: linkToken(deriveKey, token),
      code: codeOf(deriveKey, token),
    }),

    /** The token, if it is neither spent, expired nor superseded. */
    async findLive(id: number): Promise<StoredToken | undefined> {
      const token = await store.find(id);
      const isGood = token && token.usedAt === undefined && isLive(token);
      return isGood && (await isCurrent(token)) ? token : undefined;
    },

    /**
     * The token of a link, if it is neither expired nor superseded. A spent token is found too, with
     * `usedAt`.
     */
    async byLink(text: string, userId: number, purpose: Purpose): Promise<Presented | undefined> {
      const id = readTokenId(text);
      const token = id === undefined ? undefined : await store.find(id);
      if (!token || !isSame(linkToken(deriveKey, token), text)) return undefined;
      if (token.purpose !== purpose || token.userId !== userId || !isLive(token)) return undefined;
      return (await isCurrent(token)) ? token : undefined;
    },

    /** The token of a text that identifies its account by itself, if it is neither spent nor expired. */
    async byText(text: string, purpose: Purpose): Promise<Presented | undefined> {
      const id = readTokenId(text);
      const token = id === undefined ? undefined : await store.find(id);
      if (!token || !isSame(linkToken(deriveKey, token), text)) return undefined;
      const isGood = token.purpose === purpose && token.usedAt === undefined && isLive(token);
      return isGood ? token : undefined;
    },

    /** Counts an attempt at the proof that a token requires. @returns whether one was left */
    attempt: (tx: Tx, { id }: Presented): Promise<boolean> =>
      store.countAttempt(tx, id, CODE_ATTEMPTS),

    /** The token of a code. The transaction of `count` counts each attempt before the comparison. */
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

    /** Spends a token in the transaction of its effect. @returns `false` = already spent or superseded */
    async spend(tx: Tx, token: Presented): Promise<boolean> {
      return (await isCurrent(token, tx)) && store.spend(tx, token.id, clock.now());
    },

    /** Ends the unspent tokens of the same user and purpose that were issued after this one. */
    voidLater: (tx: Tx, { userId, purpose, id }: Presented): Promise<void> =>
      store.voidLater(tx, userId, purpose, id),

    isReserved: (tx: Tx, address: string, exceptUser?: number) =>
      store.isReserved(tx, address, clock.now(), exceptUser),
  };
}
