/** A row of the `users` table → an account. */
import type { Selectable } from 'kysely';
import type { UsersTable } from '../database/tables/users.ts';
import { storedClaims } from './custom-claims.ts';
import type { Account } from './user.ts';

// By name: a prepared `*` fails on PostgreSQL once a newer version has added a column.
export const COLUMNS = [
  'id',
  'uuid',
  'email',
  'email_canonical',
  'username',
  'password_hash',
  'is_active',
  'created_at',
  'last_login_at',
  'tokens_valid_from',
  'email_verified_at',
  'awaits_proof',
  'claims',
  'claims_version',
  'is_admin',
] as const satisfies readonly (keyof UsersTable)[];

type Row = Pick<Selectable<UsersTable>, (typeof COLUMNS)[number]>;

export function toAccount(row: Row): Account {
  return {
    id: row.id,
    publicId: row.uuid ?? row.id,
    email: row.email,
    isActive: row.is_active === 1,
    createdAt: row.created_at,
    lastLoginAt: row.last_login_at ?? undefined,
    tokensValidFrom: row.tokens_valid_from,
    emailVerifiedAt: row.email_verified_at ?? undefined,
    awaitsProof: row.awaits_proof === 1,
    claims: storedClaims(row.claims),
    claimsVersion: row.claims_version,
    isAdmin: row.is_admin === 1,
    username: row.username ?? undefined,
    canonicalEmail: row.email_canonical,
    passwordHash: row.password_hash ?? undefined,
  };
}
