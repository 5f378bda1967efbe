import type { Generated } from 'kysely';

/** What happened to accounts and sessions; rows outlive the account they tell of. */
export type AuditEventsTable = {
  id: Generated<number>;
  at: number;
  /** One of audit/event.ts, as are the actors and what `details`, JSON, may hold. */
  event: string;
  user_id: number | null;
  session_id: string | null;
  actor: string;
  address: string;
  user_agent: string;
  request_id: string;
  details: string;
};
