import type { Origin } from '../audit/event.ts';
import type { Tx } from '../database/database.ts';
import type { User } from './user.ts';

type AccountNotice =
  | 'password_changed'
  | 'new_device'
  | 'factor_added'
  | 'factor_removed'
  | 'factor_failures'
  | 'recovery_code_used';

/** Notifies the owner of an account, in the transaction of the change. */
export type Notify = (tx: Tx, user: User, notice: AccountNotice, by: Origin) => Promise<void>;
