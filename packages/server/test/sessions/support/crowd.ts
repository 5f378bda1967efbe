/** Accounts with more sessions than a login could ever have opened since there is a cap. */
import { randomBytes } from 'node:crypto';
import type { OpenDatabase } from '../../../src/database/open.ts';
import { forge, goodClaims, type Service } from '../../support/service.ts';
import { DAY, type Pair } from './holder.ts';

const ROWS = 1000;

/** Writes sessions of an account as an older version has left them. @returns their ids */
export async function seedSessions(
  database: OpenDatabase,
  userId: number,
  count: number,
  lastUsedAt: (i: number) => number,
): Promise<string[]> {
  const ids = Array.from({ length: count }, () => `x${randomBytes(16).toString('base64url')}`);
  for (let from = 0; from < count; from += ROWS) {
    const rows = ids.slice(from, from + ROWS).map((id, i) => {
      const usedAt = lastUsedAt(from + i);
      return {
        id,
        user_id: userId,
        generation: 0,
        rotated_at: usedAt,
        late_generation: 0,
        late_streak: 0,
        created_at: usedAt,
        expires_at: usedAt + DAY,
        last_used_at: usedAt,
        ended_at: null,
        end_reason: null,
        user_agent: 'an older version',
        address: '192.0.2.1',
      };
    });
    await database.transaction((tx) => tx.db.insertInto('sessions').values(rows).execute());
  }
  return ids;
}

/** The tokens of a seeded session. */
export function pairOf({ clock }: Pick<Service, 'clock'>, sid: string, userId: number): Pair {
  const claims = { ...goodClaims(clock.now(), userId), sub: String(userId), sid };
  const exp = Math.floor((clock.now() + DAY) / 1000);
  const refresh = { ...claims, token_type: 'refresh', exp };
  return { access: forge({ payload: claims }), refresh: forge({ payload: refresh }) };
}

export const openOf = async ({ db }: OpenDatabase, userId: number): Promise<number> => {
  const row = await db
    .selectFrom('sessions')
    .innerJoin('users', (join) =>
      join
        .onRef('users.id', '=', 'sessions.user_id')
        .onRef('users.session_series', '=', 'sessions.series'),
    )
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('user_id', '=', userId)
    .where('ended_at', 'is', null)
    .executeTakeFirstOrThrow();
  return Number(row.count);
};

/** How many events of this name, and of this reason, the audit log holds. */
export async function eventsOf(
  { db }: OpenDatabase,
  event: string,
  reason?: string,
): Promise<number> {
  const rows = await db
    .selectFrom('audit_events')
    .select('details')
    .where('event', '=', event)
    .execute();
  return rows.filter(({ details }) => !reason || JSON.parse(details).reason === reason).length;
}
