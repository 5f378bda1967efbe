import { setTimeout as sleep } from 'node:timers/promises';
import type { Audit } from '../audit/audit.ts';
import type { AuditEvent } from '../audit/event.ts';
import type { Filter } from '../audit/store.ts';

const EVERY_MS = 500;
// On PostgreSQL a row can be committed after one that has a higher id.
const OVERLAP = 100;

/** Shows the newest events in the order of time, then each new one, until `interrupt`. */
export async function follow(
  audit: Audit,
  filter: Filter,
  show: (event: AuditEvent) => void,
  interrupt: AbortSignal | undefined,
): Promise<never> {
  let top = await audit.lastId();
  const seen = new Set<number>();
  const showNew = (events: readonly AuditEvent[]) => {
    const news = events.filter(({ id }) => !seen.has(id));
    for (const each of news) seen.add(each.id);
    for (const each of news.toSorted((a, b) => a.at - b.at || a.id - b.id)) show(each);
  };
  const before = await audit.after(top - OVERLAP, filter);
  showNew(await audit.list(filter));
  for (const { id } of before) if (id <= top) seen.add(id);
  for (;;) {
    const events = await audit.after(top - OVERLAP, filter);
    showNew(events);
    top = Math.max(top, events.at(-1)?.id ?? 0);
    for (const id of seen) if (id <= top - OVERLAP) seen.delete(id);
    await sleep(EVERY_MS, undefined, { signal: interrupt });
  }
}
