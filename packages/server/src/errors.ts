/**
 * The refusals of the domain, as data. Owns the list of codes; knows nothing of HTTP:
 * `http/refusals.ts` maps a code to a status and a sentence. Imported by everyone.
 */
import type { TokenErrorReason } from '@gatepass/verifier';

/** Why a token was refused: @gatepass/verifier's reasons, and those only the server can know. */
export type TokenReason =
  | TokenErrorReason
  | 'missing_user'
  | 'reused'
  | 'user_inactive'
  | 'user_not_found';

/** One broken rule of one field. `params` fill the placeholders of its sentence. */
export type FieldFault = {
  readonly code:
    | 'required'
    | 'null'
    | 'blank'
    | 'not_a_string'
    | 'null_characters'
    | 'email_invalid'
    | 'email_taken'
    | 'password_malformed'
    | 'password_too_short'
    | 'password_too_long'
    | 'password_too_similar'
    | 'password_too_common'
    | 'password_entirely_numeric'
    | 'password_wrong'
    | 'token_invalid_for_user'
    | 'code_invalid'
    | 'not_a_choice';
  readonly params?: Readonly<Record<string, string | number>>;
};

export type FieldFaults = Readonly<Record<string, readonly FieldFault[]>>;

/** Everything Gatepass may refuse a request for. */
export type Refused =
  | { readonly code: 'invalid_fields'; readonly fields: FieldFaults }
  | { readonly code: 'not_an_object'; readonly got: string }
  | { readonly code: 'no_data' }
  | { readonly code: 'parse_error'; readonly what: string }
  | { readonly code: 'multipart_parse_error'; readonly what: string }
  | { readonly code: 'no_active_account' }
  | { readonly code: 'token_not_valid'; readonly reason: TokenReason }
  | { readonly code: 'bearer_token_not_valid'; readonly reason: TokenReason }
  | { readonly code: 'not_authenticated' }
  | { readonly code: 'bad_authorization_header' }
  | { readonly code: 'user_not_found' }
  | { readonly code: 'user_inactive' }
  | { readonly code: 'registration_closed' }
  | { readonly code: 'reauthentication_required' }
  | { readonly code: 'cross_site_request' }
  | { readonly code: 'method_not_allowed'; readonly method: string }
  | { readonly code: 'not_acceptable' }
  | { readonly code: 'unsupported_media_type'; readonly mediaType: string }
  | { readonly code: 'not_found' }
  | { readonly code: 'no_issuer' }
  | { readonly code: 'no_mail' }
  | { readonly code: 'email_not_verified' }
  | { readonly code: 'body_too_large'; readonly limit: number }
  | { readonly code: 'bad_request'; readonly what: string }
  | { readonly code: 'headers_too_large' }
  | { readonly code: 'request_timeout' }
  | Throttled
  | { readonly code: 'unavailable'; readonly retryAfterSeconds: number };

/** Too often: which limit, and how many it allows in how many seconds, where it has a window. */
export type Throttled = {
  readonly code: 'throttled';
  readonly retryAfterSeconds: number;
  readonly limit: string;
  readonly quota: number;
  readonly windowSeconds?: number;
};

/** Thrown by an action to refuse; an expected outcome, so it carries no stack and no secret. */
export class Refusal extends Error {
  readonly refused: Refused;

  constructor(refused: Refused) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(refused.code);
    Error.stackTraceLimit = stackTraceLimit;
    this.name = 'Refusal';
    this.refused = refused;
  }
}
