/** What the audit log of a service holds. */
import { createAudit, type FailedLogin } from '../../src/audit/audit.ts';
import { createAuditStore } from '../../src/audit/store.ts';
import { openDatabase } from '../../src/database/open.ts';
import { newDatabase } from './databases.ts';
import type { Service } from './service.ts';

export const rows = ({ database }: Service) =>
  database.db.selectFrom('audit_events').selectAll().orderBy('id').execute();

/** Failed logins are written after their answer. */
export async function failures(service: Service, count: number, event = 'login.fail') {
  for (const deadline = performance.now() + 60_000; performance.now() < deadline; ) {
    const found = (await rows(service)).filter((row) => row.event === event);
    if (found.length >= count) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`no ${count} ${event} within a minute`);
}

/** The log alone, over a database whose commits fail on demand, at a time that a test moves. */
export async function startAudit(t: { after(work: () => unknown): void }) {
  let now = 1_000_000;
  let isBroken = false;
  const faults: unknown[] = [];
  const database = openDatabase(await newDatabase(t), {
    beforeCommit: () => {
      if (isBroken) throw new Error('no commit');
    },
  });
  await database.migrate();
  t.after(() => database.close());
  const clock = { now: () => now };
  const store = createAuditStore(database);
  const { transaction } = database;
  const audit = createAudit({ store, transaction, clock, onError: (e) => faults.push(e) });
  return {
    audit,
    store,
    database,
    clock,
    faults,
    advance: (ms: number) => {
      now += ms;
    },
    breaks: (value: boolean) => {
      isBroken = value;
    },
    fail: (count: number, event: FailedLogin = 'login.fail', userId?: number) => {
      for (let i = 0; i < count; i++) audit.failedLogin({ event, userId, by: {} });
    },
    list: () => audit.list({ limit: 100_000 }),
  };
}
