/**
 * API keys: what programs authenticate with. Owns the table `api_keys`, the form of a key and the
 * scopes; does not own what a scope allows (admin/, oauth/, events/). A key is shown once and stored as
 * a hash. Imported by admin/, oauth/, services.ts and the CLI.
 */
import { timingSafeEqual } from 'node:crypto';
import type { Audit } from '../audit/audit.ts';
import type { Origin } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import type { PublicId } from '../config/public-id.ts';
import type { Transaction, Tx } from '../database/database.ts';
import { keyHash, newKey, readKeyId } from './key-text.ts';
import type { Scope } from './scope.ts';
import type { ApiKey, ApiKeyStore } from './store.ts';

const DAY = 86_400_000;
export const DEFAULT_LIFETIME_DAYS = 90;
export const MAX_LIFETIME_DAYS = 3650;
/** The precision of a key's last use, so that most requests write nothing. */
const USE_NOTED_EVERY_MS = 600_000;

export type ApiKeys = ReturnType<typeof createApiKeys>;

type Deps = {
  readonly store: ApiKeyStore;
  readonly audit: Audit;
  readonly transaction: Transaction;
  readonly clock: Clock;
  /** Called when a use cannot be noted; the request goes on. */
  readonly onError: (error: unknown) => void;
};

export type NewApiKey = {
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** From 1 to 3650. */
  readonly days: number;
};

export function createApiKeys({ store, audit, transaction, clock, onError }: Deps) {
  const isLive = ({ expiresAt, revokedAt }: ApiKey) =>
    revokedAt === undefined && expiresAt > clock.now();

  const isSame = (expected: string, given: string) => {
    const [a, b] = [Buffer.from(expected), Buffer.from(given)];
    return a.length === b.length && timingSafeEqual(a, b);
  };

  function noteUse({ id, lastUsedAt = 0 }: ApiKey): void {
    const now = clock.now();
    if (now - lastUsedAt >= USE_NOTED_EVERY_MS)
      transaction((tx) => store.noteUse(tx, id, now)).catch(onError);
  }

  return {
    /**
     * @param admit runs first in the transaction; what it throws refuses the key
     * @returns the key and its text, which is not stored and can never be shown again
     */
    async create(
      { name, scopes, days }: NewApiKey,
      by: Origin,
      admit?: (tx: Tx) => Promise<void>,
    ): Promise<{ key: ApiKey; text: string }> {
      const { id, text } = newKey();
      const createdAt = clock.now();
      const key = {
        ...{ id, name, scopes, createdAt },
        createdBy: by.actor ?? 'operator',
        expiresAt: createdAt + days * DAY,
      };
      await transaction(async (tx) => {
        await admit?.(tx);
        await store.insert(tx, { ...key, hash: keyHash(text) });
        await audit.record(tx, { event: 'api_key.create', by, details: { key: id } });
      });
      return { key: { ...key, lastUsedAt: undefined, revokedAt: undefined }, text };
    },

    list: store.list,
    isLive,

    /** @returns whether there was such a key, not revoked yet */
    revoke: (id: string, by: Origin): Promise<boolean> =>
      transaction(async (tx) => {
        const isDone = await store.revoke(tx, id, clock.now());
        if (isDone) await audit.record(tx, { event: 'api_key.revoke', by, details: { key: id } });
        return isDone;
      }),

    /** Whether a key that was found before can still be used. */
    async isStillLive(id: string): Promise<boolean> {
      const stored = await store.find(id);
      return stored !== undefined && isLive(stored);
    },

    /** Revokes, within `tx`, the keys created by an account that is no longer an administrator. */
    async revokeOf(tx: Tx, { publicId }: { readonly publicId: PublicId }, by: Origin) {
      for (const id of await store.revokeBy(tx, `admin:${publicId}`, clock.now()))
        await audit.record(tx, { event: 'api_key.revoke', by, details: { key: id } });
    },

    /** The key behind a text, neither expired nor revoked. A wrong checksum costs no read. */
    async find(text: string): Promise<ApiKey | undefined> {
      const id = readKeyId(text);
      const stored = id === undefined ? undefined : await store.find(id);
      if (!stored || !isSame(stored.hash, keyHash(text)) || !isLive(stored)) return undefined;
      noteUse(stored);
      return stored;
    },
  };
}
