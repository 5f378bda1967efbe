import type { Generated } from 'kysely';

/** Tokens that a mail or a response carries; their texts are computed, never stored. */
export type OneTimeTokensTable = {
  id: Generated<number>;
  /** 0 = none yet, for an invited administrator. */
  user_id: number;
  purpose:
    | 'reset'
    | 'reset_link'
    | 'activation'
    | 'email_change'
    | 'email_undo'
    | 'admin_setup'
    | 'admin_invite'
    | 'second_factor'
    | 'factor_setup';
  /** In canonical form: the address that the token proves or gives back; empty for a challenge. */
  address: string;
  created_at: number;
  expires_at: number;
  used_at: number | null;
  /** Codes tried. */
  attempts: number;
};
