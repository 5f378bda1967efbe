import type { RequestView } from '../http/action.ts';
import { requiredText } from '../http/openapi/schema.ts';
import type { Proof } from './credentials.ts';
import type { Caller } from './user.ts';

/** What a login of the account takes, as fields of a body. */
export const PROOF = {
  current_password: requiredText('correct horse 9 battery'),
  /** Where the account has a second factor. */
  code: requiredText('123456'),
} as const;

/**
 * Asks a logged-in caller for everything that a login of the account asks for: the password, and a
 * code where the account has a second factor.
 *
 * @returns what the change that asks for it may rely on
 * @throws {Refusal} `invalid_fields` of `current_password` or `code`, `throttled` or `unavailable`
 */
export type Prove = (
  caller: Caller,
  shown: { readonly current_password: string; readonly code?: string },
  request: Pick<RequestView, 'device' | 'requester'>,
) => Promise<Proof & { readonly withCode: boolean }>;
