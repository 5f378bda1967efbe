/** Which kinds of factors an account has. Every login reads this, so one statement covers all tables. */
import type { Database, Tx } from '../database/database.ts';
import { named } from '../database/statement.ts';

export type KindsStore = ReturnType<typeof createKindsStore>;

export function createKindsStore({ db, prepare }: Database) {
  const kinds = named(prepare, (p: { userId: number }) =>
    db.selectNoFrom((is) => [
      is
        .exists(
          is
            .selectFrom('totp_factors')
            .select('id')
            .where('user_id', '=', p.userId)
            .where('confirmed_at', 'is not', null),
        )
        .as('totp'),
      is
        .exists(is.selectFrom('passkeys').select('id').where('user_id', '=', p.userId))
        .as('passkey'),
    ]),
  );

  return {
    /** How many accounts have passkeys and no authenticator app. */
    async withPasskeysAlone(tx: Tx): Promise<number> {
      const withApps = tx.db
        .selectFrom('totp_factors')
        .select('user_id')
        .where('confirmed_at', 'is not', null);
      const { count } = await tx.db
        .selectFrom('passkeys')
        .select((is) => is.fn.count<number>('user_id').distinct().as('count'))
        .where('user_id', 'not in', withApps)
        .executeTakeFirstOrThrow();
      return Number(count);
    },

    async kindsOf(userId: number, tx?: Tx): Promise<('totp' | 'passkey')[]> {
      const row = tx ? await kinds.within(tx, { userId }) : await kinds.read({ userId });
      return [
        ...(row?.totp ? ['totp' as const] : []),
        ...(row?.passkey ? ['passkey' as const] : []),
      ];
    },
  };
}
