import { sql } from 'kysely';
import { NUMBERED } from '../database.ts';
import type { Db } from '../tables/schema.ts';
import { readLastIds } from './last-ids.ts';

/** Invariants that manual edits can break and `integrity_check` cannot see. */
export async function lostRules(db: Db): Promise<string[]> {
  const findings: string[] = [];
  const lastIds = await readLastIds(db);
  for (const table of NUMBERED) {
    const column = table === 'revocations' ? 'seq' : 'id';
    const { rows } = await sql<{ top: number | null }>`
      select max(${sql.ref(column)}) as top from ${sql.table(table)}`
      .execute(db)
      // A missing schema is `pending`, not damage.
      .catch(() => ({ rows: [] }));
    const top = rows[0]?.top ?? 0;
    if (top > (lastIds[table] ?? 0))
      findings.push(`${table}: number ${top} is taken and would be given again`);
  }
  const { rows } = await sql<{ low: number; high: number }>`
    select min(id) as low, max(id) as high from users group by email_canonical having count(*) > 1`
    .execute(db)
    .catch(() => ({ rows: [] }));
  for (const { low, high } of rows) findings.push(`accounts ${low} and ${high} have one address`);
  return findings;
}
