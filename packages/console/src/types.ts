/** Responses of the admin API, as far as the console reads them. */

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

/** An account that was created or reset; with a link if no mail is set up. */
export type HandedOver = User & { link?: string };

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
  user_email: string | null;
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

export type Factor = {
  id: number;
  type: string;
  name: string;
  created_at: string;
  last_used_at?: string;
};

export type Factors = { factors: Factor[]; recovery_codes_left: number };

export type SigningKey = {
  kid: string;
  alg: string;
  state: 'next' | 'current' | 'retired';
  signs: 'access tokens' | 'refresh tokens' | 'all tokens' | 'nothing';
  created_at: string | null;
  activates_at: string | null;
  signs_until: string | null;
  verifies_until: string | null;
  sealed: boolean | null;
};

export type Bucket = {
  from: string;
  logins: number;
  failures: number;
  throttled: number;
  registrations: number;
};

export type Stats = {
  counted_at: string;
  users: { total: number; active: number; disabled: number; unverified: number; admin: number };
  sessions: { open: number };
  activity: { by: 'hour' | 'day'; is_complete: boolean; buckets: Bucket[] };
};

export type Finding = { check: string; level: 'ok' | 'warning' | 'fault'; message: string };

export type System = {
  version: string;
  runtime: string;
  started_at: string;
  now: string;
  database: string;
  last_backup_at: string | null;
  request: {
    address: string;
    peer: string;
    is_peer_trusted: boolean;
    host: string;
    forwarded: Record<string, string>;
  };
  rate_limits: 'on' | 'off';
  limits: { name: string; quota: number; window_seconds: number }[];
  findings: Finding[];
};
