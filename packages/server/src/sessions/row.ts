/** The columns read from `sessions`, and their form in memory. */
import type { Selectable } from 'kysely';
import type { SessionsTable } from '../database/tables/sessions.ts';
import type { UsersTable } from '../database/tables/users.ts';
import { type OWNER_COLUMNS, toOwner } from './owner.ts';
import type { DeviceSession, OwnedSession } from './session.ts';

// Each column costs every refresh: what only rotation or the list of sessions needs is not read.
export const CORE_COLUMNS = [
  'user_id',
  'generation',
  'rotated_at',
  'sessions.created_at',
  'expires_at',
  'last_used_at',
  'ended_at',
  'series',
  'auth',
] as const;
export const ROTATION_COLUMNS = [
  'rotated_by',
  'given_at',
  'given_to',
  'late_generation',
  'late_streak',
] as const;

type Row = Selectable<SessionsTable>;
type RotationRow = Pick<Row, (typeof ROTATION_COLUMNS)[number]>;
type OwnedRow = Omit<Row, 'id' | 'user_agent' | 'address' | 'end_reason' | keyof RotationRow> &
  Pick<Selectable<UsersTable>, 'is_active' | 'session_series' | (typeof OWNER_COLUMNS)[number]>;

export const toOwned = (id: string, row: OwnedRow): OwnedSession => ({
  id,
  userId: row.user_id,
  generation: row.generation,
  rotatedAt: row.rotated_at,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  lastUsedAt: row.last_used_at,
  endedAt: row.ended_at ?? undefined,
  series: row.series,
  auth: row.auth ?? undefined,
  isUserActive: row.is_active === 1,
  isOfPresentSeries: row.series === row.session_series,
  owner: toOwner(row, row.user_id),
});

export const toRotationState = (row: RotationRow) => ({
  rotatedBy: row.rotated_by,
  givenAt: row.given_at,
  givenTo: row.given_to,
  lateGeneration: row.late_generation,
  lateStreak: row.late_streak,
});

export const toDeviceSession = (row: Row): DeviceSession => ({
  id: row.id,
  userId: row.user_id,
  generation: row.generation,
  rotatedAt: row.rotated_at,
  ...toRotationState(row),
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  lastUsedAt: row.last_used_at,
  endedAt: row.ended_at ?? undefined,
  series: row.series,
  auth: row.auth ?? undefined,
  userAgent: row.user_agent,
  address: row.address,
});
