/** What the admin API responds with, as far as the console reads it. */

export type User = {
  id: number | string;
  email: string;
  username: string | null;
  is_active: boolean;
  is_admin: boolean;
  created_at: string;
  last_login_at: string | null;
  email_verified_at: string | null;
  claims: Record<string, unknown>;
};

export type Session = {
  id: string;
  created_at: string;
  last_used_at: string;
  expires_at: string;
  user_agent: string;
  address: string;
};

export type AuditEvent = {
  id: number;
  at: string;
  event: string;
  user_id: number | string | null;
  session_id: string | null;
  actor: string;
  address: string;
  user_agent: string;
  request_id: string;
  details: Record<string, unknown>;
};

export type ApiKey = {
  id: string;
  name: string;
  scopes: string[];
  created_at: string;
  created_by: string;
  expires_at: string;
  last_used_at: string | null;
  revoked_at: string | null;
};

export type Mail = {
  id: number;
  template: string;
  recipient: string;
  created_at: string;
  state: 'waiting' | 'given up';
  attempts: number;
  next_attempt_at: string | null;
  last_error: string | null;
};

export type Login = {
  user: { id: number | string; email: string };
  expires_at: string;
  is_confirmed: boolean;
};

/** What is drawn: an element, a text, or nothing. */
export type Drawn = import('preact').ComponentChildren;
