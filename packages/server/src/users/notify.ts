import type { Origin } from '../audit/event.ts';
import type { Tx } from '../database/database.ts';
import type { User } from './user.ts';

/** Tells the owner of an account what happened to it, in the transaction of the change. */
export type Notify = (
  tx: Tx,
  user: User,
  notice: 'password_changed' | 'new_device',
  by: Origin,
) => Promise<void>;
