/**
 * Makes sessions by SQL whose last rotation is a minute ago: a rotation keeps a token for ten
 * seconds, so each measured rotation needs a session of its own.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { openDatabase } from '../packages/server/src/database/open.ts';

const AGE_MS = 60_000;
/** Fewer parameters than any engine allows in a statement. */
const ROWS_AT_ONCE = 500;

/**
 * @param refresh the newest token of the session to copy, signed by `secret`
 * @returns the refresh tokens of `count` copies
 */
export async function copySession(
  databaseUrl: string,
  secret: string,
  refresh: string,
  count: number,
): Promise<string[]> {
  const [header = '', payload = ''] = refresh.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
  const ids = Array.from({ length: count }, () => randomBytes(16).toString('base64url'));
  const database = openDatabase(databaseUrl);
  try {
    const { db } = database;
    const sessions = db.selectFrom('sessions').selectAll().where('id', '=', claims.sid);
    const newest = await sessions.executeTakeFirstOrThrow();
    const original = {
      ...newest,
      rotated_at: newest.rotated_at - AGE_MS,
      // Another checkout may lack this column.
      ...('given_at' in newest && { given_at: newest.given_at - AGE_MS }),
    };
    for (let from = 0; from < count; from += ROWS_AT_ONCE) {
      const rows = ids.slice(from, from + ROWS_AT_ONCE).map((id) => ({ ...original, id }));
      await database.transaction((tx) => tx.db.insertInto('sessions').values(rows).execute());
    }
  } finally {
    await database.close();
  }
  return ids.map((sid) => {
    const signed = `${header}.${Buffer.from(JSON.stringify({ ...claims, sid })).toString('base64url')}`;
    return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
  });
}
