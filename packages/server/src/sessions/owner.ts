/** The columns of `users` that are read with a session: its tokens need them. */
import type { Selectable } from 'kysely';
import type { UsersTable } from '../database/tables/users.ts';
import type { SessionOwner } from './session.ts';

export const OWNER_COLUMNS = [
  'uuid',
  'claims',
  'claims_version',
] as const satisfies readonly (keyof UsersTable)[];

type Row = Pick<Selectable<UsersTable>, (typeof OWNER_COLUMNS)[number]>;

/** @param userId the account's `id`, which has another name in a join with sessions */
export const toOwner = (row: Row, userId: number): SessionOwner => ({
  publicId: row.uuid ?? userId,
  claims: row.claims,
  claimsVersion: row.claims_version,
});
