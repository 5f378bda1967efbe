import type { Kysely } from 'kysely';
import type { ActivityTable } from './activity.ts';
import type { AdminSessionsTable } from './admin-sessions.ts';
import type { ApiKeysTable } from './api-keys.ts';
import type { AuditEventsTable } from './audit-events.ts';
import type { AuditPurgedTable } from './audit-purged.ts';
import type { InstallationTable } from './installation.ts';
import type { OneTimeTokensTable } from './one-time-tokens.ts';
import type { OutboxTable } from './outbox.ts';
import type { PasskeysTable } from './passkeys.ts';
import type { RecoveryCodesTable } from './recovery-codes.ts';
import type { RevocationsTable } from './revocations.ts';
import type { SessionsTable } from './sessions.ts';
import type { SigningKeysTable } from './signing-keys.ts';
import type { SpentChallengesTable } from './spent-challenges.ts';
import type { ThrottleCountsTable } from './throttle-counts.ts';
import type { TokenLifetimesTable } from './token-lifetimes.ts';
import type { TotpFactorsTable } from './totp-factors.ts';
import type { UsersTable } from './users.ts';

/** Every stored record; documented column by column in docs/storage.md. Times are epoch ms. */
export type Schema = Tables & MigrationTables;

/** The tables that hold what is backed up. */
export type Tables = {
  users: UsersTable;
  signing_keys: SigningKeysTable;
  sessions: SessionsTable;
  revocations: RevocationsTable;
  audit_events: AuditEventsTable;
  activity: ActivityTable;
  audit_purged: AuditPurgedTable;
  installation: InstallationTable;
  throttle_counts: ThrottleCountsTable;
  one_time_tokens: OneTimeTokensTable;
  outbox: OutboxTable;
  token_lifetimes: TokenLifetimesTable;
  admin_sessions: AdminSessionsTable;
  totp_factors: TotpFactorsTable;
  recovery_codes: RecoveryCodesTable;
  passkeys: PasskeysTable;
  spent_challenges: SpentChallengesTable;
  api_keys: ApiKeysTable;
};

/** The migrations that have run; written by database/migrations.ts alone. */
type MigrationTables = {
  gatepass_migration: { name: string; ran_at: number };
  /** Used by versions before `gatepass_migration`. */
  kysely_migration: { name: string; timestamp: string };
};

export type Db = Kysely<Schema>;
