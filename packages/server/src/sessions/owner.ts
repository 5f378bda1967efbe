/** What is read of `users` wherever a session is: what its tokens say of the owner. */
import type { Selectable } from 'kysely';
import type { UsersTable } from '../database/schema.ts';
import type { SessionOwner } from './session.ts';

export const OWNER_COLUMNS = [
  'claims',
  'claims_version',
] as const satisfies readonly (keyof UsersTable)[];

type Row = Pick<Selectable<UsersTable>, (typeof OWNER_COLUMNS)[number]>;

export const toOwner = (row: Row): SessionOwner => ({
  claims: row.claims,
  claimsVersion: row.claims_version,
});
