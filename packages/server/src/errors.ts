/**
 * Refusals. Owns their form, the list of their codes and the one class that carries them; each
 * feature declares its own in its `refusals.ts`. Knows nothing of HTTP but the status.
 */
import type { TokenErrorReason } from '@gatepass/verifier';
import type { Sentence, Values } from './language.ts';

/** Everything Gatepass may refuse a request for. */
export type RefusalCode =
  | 'administrators_only'
  | 'bad_authorization_header'
  | 'bad_request'
  | 'bearer_token_not_valid'
  | 'body_too_large'
  | 'challenge_not_valid'
  | 'confirmation_required'
  | 'credential_not_valid'
  | 'cross_site_request'
  | 'email_not_verified'
  | 'email_unproved'
  | 'events_gone'
  | 'form_not_accepted'
  | 'headers_too_large'
  | 'invalid_fields'
  | 'last_administrator'
  | 'address_unproved'
  | 'method_not_allowed'
  | 'multipart_parse_error'
  | 'network_not_allowed'
  | 'no_active_account'
  | 'no_cookies'
  | 'no_data'
  | 'no_issuer'
  | 'no_mail'
  | 'no_public_url'
  | 'no_passkeys'
  | 'not_acceptable'
  | 'not_an_object'
  | 'not_authenticated'
  | 'no_session_cookie'
  | 'not_found'
  | 'parse_error'
  | 'passkey_not_valid'
  | 'reauthentication_required'
  | 'registration_closed'
  | 'request_timeout'
  | 'scope_missing'
  | 'secret_does_not_rotate'
  | 'second_factor_invalid'
  | 'second_factor_required'
  | 'second_factor_setup_required'
  | 'second_factors_off'
  | 'throttled'
  | 'token_not_valid'
  | 'too_many_factors'
  | 'unavailable'
  | 'unsupported_media_type'
  | 'user_inactive'
  | 'user_not_found'
  | 'wrong_host';

/** Why a token was refused: @gatepass/verifier's reasons, and those only the server can know. */
export type TokenReason =
  | TokenErrorReason
  | 'missing_user'
  | 'reused'
  | 'user_inactive'
  | 'user_not_found';

/** The response to a client and, for docs/errors.md, its meaning and its fix. */
export type RefusalKind = Sentence & {
  readonly code: RefusalCode;
  readonly status: number;
  /** The form of the body; default: `detail` alone, as Django REST Framework has it. */
  readonly body?: 'with_code' | 'non_field_errors' | 'fields' | 'token' | 'bearer_token';
  readonly meaning: string;
  readonly remedy: string;
};

/** The rules that a field can break. */
export type FieldFaultCode =
  | 'blank'
  | 'code_invalid'
  | 'email_invalid'
  | 'email_taken'
  | 'factor_code_invalid'
  | 'not_a_choice'
  | 'not_a_dictionary'
  | 'not_a_string'
  | 'null'
  | 'null_characters'
  | 'passkey_invalid'
  | 'password_entirely_numeric'
  | 'password_malformed'
  | 'password_too_common'
  | 'password_too_long'
  | 'password_too_short'
  | 'password_too_similar'
  | 'password_too_similar_to_username'
  | 'password_wrong'
  | 'required'
  | 'token_invalid_for_user'
  | 'username_invalid'
  | 'username_taken';

/** One rule of a field; broken, it is a fault. `values` fill its sentence. */
export type FieldFault = Sentence & {
  readonly code: FieldFaultCode;
  readonly meaning: string;
  readonly values?: Values;
};

export type FieldFaults = Readonly<Record<string, readonly FieldFault[]>>;

/** When to try again; the limit that was met has a window unless it is a backoff. */
export type Wait = {
  readonly seconds: number;
  readonly limit?: {
    readonly name: string;
    readonly quota: number;
    readonly windowSeconds?: number;
  };
};

type Details = {
  readonly values?: Values;
  readonly fields?: FieldFaults;
  readonly reason?: Sentence & { readonly code: TokenReason };
  readonly wait?: Wait;
  /** Further fields of a body with a code. */
  readonly fieldsBeside?: Readonly<Record<string, unknown>>;
};

/** Thrown by an action to refuse; an expected outcome, so it carries no stack and no secret. */
export class Refusal extends Error {
  readonly kind: RefusalKind;
  readonly details: Details;

  constructor(kind: RefusalKind, details: Details = {}) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(kind.code);
    Error.stackTraceLimit = stackTraceLimit;
    this.name = 'Refusal';
    this.kind = kind;
    this.details = details;
  }
}

export const isRefusal = (error: unknown, code: RefusalCode): error is Refusal =>
  error instanceof Refusal && error.kind.code === code;

// Refusals that many features raise.

export const INVALID_FIELDS = {
  code: 'invalid_fields',
  status: 400,
  body: 'fields',
  en: 'Invalid input.',
  ru: 'Некорректные данные.',
  meaning: 'one or more fields are invalid; see [fields](#faults-of-fields)',
  remedy: 'show the sentences next to the fields',
} as const satisfies RefusalKind;

export const invalidFields = (fields: FieldFaults) => new Refusal(INVALID_FIELDS, { fields });

export const NOT_FOUND = {
  code: 'not_found',
  status: 404,
  en: 'Not found.',
  ru: 'Не найдено.',
  meaning: 'no such route or session, or `?format=` other than `json`',
  remedy: 'fix the client',
} as const satisfies RefusalKind;

export const UNAVAILABLE = {
  code: 'unavailable',
  status: 503,
  body: 'with_code',
  en: 'The service is temporarily unavailable; try again.',
  ru: 'Сервис временно недоступен; повторите попытку.',
  meaning: 'the database cannot be used, or too many passwords wait to be hashed',
  remedy: 'wait `Retry-After` seconds and try again',
} as const satisfies RefusalKind;

export const unavailable = (seconds = 1) => new Refusal(UNAVAILABLE, { wait: { seconds } });
