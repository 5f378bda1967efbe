/** The only owner of the `signing_keys` table. */
import type { Database } from '../database/open.ts';

export type KeyStore = ReturnType<typeof createKeyStore>;

export function createKeyStore({ db, transaction }: Database) {
  return {
    async findSecret(kid: string): Promise<Uint8Array | undefined> {
      const row = await db
        .selectFrom('signing_keys')
        .select('secret')
        .where('kid', '=', kid)
        .executeTakeFirst();
      return row?.secret;
    },

    /** Keeps what is there: of two processes starting at once, the first one's key is everyone's. */
    insertIfAbsent: (kid: string, secret: Uint8Array, now: number): Promise<void> =>
      transaction(async (tx) => {
        await tx.db
          .insertInto('signing_keys')
          .values({
            kid,
            alg: 'HS256',
            secret,
            state: 'current',
            created_at: now,
            activates_at: now,
            retires_at: null,
          })
          .onConflict((conflict) => conflict.column('kid').doNothing())
          .execute();
      }),
  };
}
