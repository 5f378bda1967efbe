import { requiredText } from '../http/openapi/schema.ts';
import type { Proof } from './credentials.ts';
import type { ProvingRequest } from './reauthenticate.ts';
import type { Caller } from './user.ts';

/** The fields of a login, in the body of another request. */
export const PROOF = {
  current_password: requiredText('correct horse 9 battery'),
  /** If the account has a second factor. */
  code: requiredText('123456'),
  /** In place of the code: the browser's response to the options of the step-up, and their challenge. */
  passkey: { type: 'object', additionalProperties: true },
} as const;

/** The proof beside the password. */
export type Shown = 'code' | 'passkey' | undefined;

/**
 * Requires of a logged-in caller what a login of the account requires: the password, and a code or a
 * passkey if the account has a second factor.
 *
 * @returns the proof that the change relies on
 * @throws {Refusal} `invalid_fields` of `current_password`, `code` or `passkey`, `throttled` or `unavailable`
 */
export type Prove = (
  caller: Caller,
  shown: { readonly current_password: string; readonly code?: string; readonly passkey?: object },
  request: ProvingRequest,
) => Promise<Proof & { readonly shown: Shown }>;
