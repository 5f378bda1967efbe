import { requiredText } from '../http/openapi/schema.ts';
import type { Proof } from './credentials.ts';
import type { ProvingRequest } from './reauthenticate.ts';
import type { Caller } from './user.ts';

/** What a login of the account takes, as fields of a body. */
export const PROOF = {
  current_password: requiredText('correct horse 9 battery'),
  /** If the account has a second factor. */
  code: requiredText('123456'),
  /** In place of the code: what a browser has shown for the options of the step-up, and their challenge. */
  passkey: { type: 'object', additionalProperties: true },
} as const;

/** The proof beside the password. */
export type Shown = 'code' | 'passkey' | undefined;

/**
 * Asks a logged-in caller for everything that a login of the account asks for: the password, and a
 * code or a passkey where the account has a second factor.
 *
 * @returns what the change that asks for it may rely on
 * @throws {Refusal} `invalid_fields` of `current_password`, `code` or `passkey`, `throttled` or `unavailable`
 */
export type Prove = (
  caller: Caller,
  shown: { readonly current_password: string; readonly code?: string; readonly passkey?: object },
  request: ProvingRequest,
) => Promise<Proof & { readonly shown: Shown }>;
