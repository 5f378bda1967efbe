import type { AuditEvent } from '../audit/event.ts';
import { counted } from './counted.ts';

/** For programs. */
export const viewOf = (event: AuditEvent) => ({
  id: event.id,
  at: new Date(event.at).toISOString(),
  event: event.event,
  user_id: event.publicId ?? null,
  session_id: event.sessionId ?? null,
  actor: event.actor,
  address: event.address,
  user_agent: event.userAgent,
  request_id: event.requestId,
  details: event.details,
});

// A client's text must not steer the terminal.
const printable = (text: string) => text.replace(/[^\x20-\x7e]/g, '?');

/** For people. */
export const rowOf = ({ at, event, publicId, actor, address, details, userAgent }: AuditEvent) =>
  [
    new Date(at).toISOString(),
    event.padEnd(15),
    `user ${publicId ?? '-'}`,
    actor,
    printable(address),
    details.reason ?? '',
    details.kid ?? '',
    details.count === undefined ? '' : countOf(event, details.count),
    printable(userAgent),
  ]
    .filter((part) => part !== '')
    .join('  ');

const countOf = (event: AuditEvent['event'], count: number): string => {
  if (event === 'restore') return `${counted(count, 'session')} ended`;
  return event === 'user.import' || event === 'user.export'
    ? counted(count, 'account')
    : `${count} more`;
};
