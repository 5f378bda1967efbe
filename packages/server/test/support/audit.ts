/** What the audit log of a service holds. */
import type { Service } from './service.ts';

export const rows = ({ database }: Service) =>
  database.db.selectFrom('audit_events').selectAll().orderBy('id').execute();

/** Failed logins are written after their answer. */
export async function failures(service: Service, count: number, event = 'login.fail') {
  for (const deadline = performance.now() + 30_000; performance.now() < deadline; ) {
    const found = (await rows(service)).filter((row) => row.event === event);
    if (found.length >= count) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`no ${count} ${event} within 30 s`);
}
