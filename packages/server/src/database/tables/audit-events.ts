import type { Generated } from 'kysely';

/** Events of accounts and sessions; rows outlive their account. */
export type AuditEventsTable = {
  id: Generated<number>;
  at: number;
  /** One of audit/event.ts, as are the actors and what `details`, JSON, may hold. */
  event: string;
  user_id: number | null;
  /** The public id of the account at the time, if that is not the number. */
  user_uuid: string | null;
  session_id: string | null;
  actor: string;
  address: string;
  user_agent: string;
  request_id: string;
  details: string;
};
