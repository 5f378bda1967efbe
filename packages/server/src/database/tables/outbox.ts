import type { Generated } from 'kysely';

/** Mail that waits for its server; a row that was sent is deleted. */
export type OutboxTable = {
  id: Generated<number>;
  template: string;
  recipient: string;
  language: string;
  /** JSON: account, time and network, as the mail names them. */
  params: string;
  user_id: number | null;
  token_id: number | null;
  created_at: number;
  /** When the mail becomes useless. */
  expires_at: number;
  /** The next attempt; while a process sends it, the end of its lease. */
  due_at: number;
  attempts: number;
  last_error: string | null;
  /** When delivery was given up. */
  failed_at: number | null;
};
