/**
 * Writes the tables of docs/errors.md from the refusals of all features:
 *
 *   node scripts/errors-page.ts
 *
 * A test compares the committed page with this output.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as admin from '../packages/server/src/admin/refusals.ts';
import * as apiKeys from '../packages/server/src/api-keys/refusals.ts';
import type {
  FieldFault,
  FieldFaultCode,
  RefusalCode,
  RefusalKind,
} from '../packages/server/src/errors.ts';
import * as shared from '../packages/server/src/errors.ts';
import * as events from '../packages/server/src/events/refusals.ts';
import * as http from '../packages/server/src/http/refusals.ts';
import * as mfa from '../packages/server/src/mfa/refusals.ts';
import * as oauth from '../packages/server/src/oauth/refusals.ts';
import * as passwords from '../packages/server/src/passwords/refusals.ts';
import * as recovery from '../packages/server/src/recovery/refusals.ts';
import * as sessions from '../packages/server/src/sessions/refusals.ts';
import * as throttle from '../packages/server/src/throttle/refusals.ts';
import { REASONS } from '../packages/server/src/token/reasons.ts';
import * as token from '../packages/server/src/token/refusals.ts';
import * as users from '../packages/server/src/users/refusals.ts';

/** Every kind of refusal by its code: a missing one does not compile. */
export const REFUSALS: { readonly [Code in RefusalCode]: RefusalKind & { readonly code: Code } } = {
  invalid_fields: shared.INVALID_FIELDS,
  not_an_object: http.NOT_AN_OBJECT,
  no_data: http.NO_DATA,
  parse_error: http.PARSE_ERROR,
  multipart_parse_error: http.MULTIPART_PARSE_ERROR,
  bad_request: http.BAD_REQUEST,
  no_active_account: token.NO_ACTIVE_ACCOUNT,
  email_not_verified: token.EMAIL_NOT_VERIFIED,
  second_factor_required: token.SECOND_FACTOR_REQUIRED,
  second_factor_setup_required: token.SECOND_FACTOR_SETUP_REQUIRED,
  second_factor_invalid: mfa.SECOND_FACTOR_INVALID,
  challenge_not_valid: mfa.CHALLENGE_NOT_VALID,
  passkey_not_valid: mfa.PASSKEY_NOT_VALID,
  token_not_valid: token.TOKEN_NOT_VALID,
  bearer_token_not_valid: token.BEARER_TOKEN_NOT_VALID,
  not_authenticated: token.NOT_AUTHENTICATED,
  no_session_cookie: token.NO_SESSION_COOKIE,
  bad_authorization_header: token.BAD_AUTHORIZATION_HEADER,
  user_not_found: token.USER_NOT_FOUND,
  user_inactive: token.USER_INACTIVE,
  registration_closed: users.REGISTRATION_CLOSED,
  last_administrator: users.LAST_ADMINISTRATOR,
  address_unproved: users.ADDRESS_UNPROVED,
  credential_not_valid: apiKeys.CREDENTIAL_NOT_VALID,
  confirmation_required: admin.CONFIRMATION_REQUIRED,
  scope_missing: apiKeys.SCOPE_MISSING,
  administrators_only: admin.ADMINISTRATORS_ONLY,
  network_not_allowed: admin.NETWORK_NOT_ALLOWED,
  secret_does_not_rotate: admin.SECRET_DOES_NOT_ROTATE,
  wrong_host: admin.WRONG_HOST,
  reauthentication_required: sessions.REAUTHENTICATION_REQUIRED,
  cross_site_request: http.CROSS_SITE_REQUEST,
  form_not_accepted: http.FORM_NOT_ACCEPTED,
  no_cookies: http.NO_COOKIES,
  email_unproved: mfa.EMAIL_UNPROVED,
  too_many_factors: mfa.TOO_MANY_FACTORS,
  second_factors_off: mfa.SECOND_FACTORS_OFF,
  no_passkeys: mfa.NO_PASSKEYS,
  events_gone: events.EVENTS_GONE,
  no_mail: recovery.NO_MAIL,
  no_public_url: recovery.NO_PUBLIC_URL,
  no_issuer: oauth.NO_ISSUER,
  not_found: shared.NOT_FOUND,
  method_not_allowed: http.METHOD_NOT_ALLOWED,
  not_acceptable: http.NOT_ACCEPTABLE,
  request_timeout: http.REQUEST_TIMEOUT,
  body_too_large: http.BODY_TOO_LARGE,
  unsupported_media_type: http.UNSUPPORTED_MEDIA_TYPE,
  throttled: throttle.THROTTLED,
  headers_too_large: http.HEADERS_TOO_LARGE,
  unavailable: shared.UNAVAILABLE,
};

export const FIELD_FAULTS: {
  readonly [Code in FieldFaultCode]: FieldFault & { readonly code: Code };
} = {
  required: http.REQUIRED,
  null: http.NULL,
  blank: http.BLANK,
  not_a_string: http.NOT_A_STRING,
  not_a_dictionary: http.NOT_A_DICTIONARY,
  null_characters: http.NULL_CHARACTERS,
  email_invalid: http.EMAIL_INVALID,
  email_taken: users.EMAIL_TAKEN,
  username_invalid: users.USERNAME_INVALID,
  username_taken: users.USERNAME_TAKEN,
  password_malformed: passwords.PASSWORD_MALFORMED,
  password_too_short: passwords.PASSWORD_TOO_SHORT,
  password_too_long: passwords.PASSWORD_TOO_LONG,
  password_too_similar: passwords.PASSWORD_TOO_SIMILAR,
  password_too_similar_to_username: passwords.PASSWORD_TOO_SIMILAR_TO_USERNAME,
  password_too_common: passwords.PASSWORD_TOO_COMMON,
  password_entirely_numeric: passwords.PASSWORD_ENTIRELY_NUMERIC,
  factor_code_invalid: mfa.FACTOR_CODE_INVALID,
  passkey_invalid: mfa.PASSKEY_INVALID,
  password_wrong: users.PASSWORD_WRONG,
  token_invalid_for_user: recovery.TOKEN_INVALID_FOR_USER,
  code_invalid: recovery.CODE_INVALID,
  not_a_choice: http.NOT_A_CHOICE,
};

const BODIES: Readonly<Record<RefusalKind['body'] & string, string>> = {
  with_code: 'yes',
  token: 'yes',
  bearer_token: 'as `token_not_valid`, with `messages`',
  non_field_errors: 'no, `non_field_errors`',
  fields: 'no, the fields are',
};

const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]) =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

const kinds = Object.values(REFUSALS);

const TABLES: Readonly<Record<string, string>> = {
  refusals: table(
    ['code', 'status', 'in the body', 'meaning', 'what to do'],
    kinds.map(({ code, status, body, meaning, remedy }) => [
      `\`${code}\``,
      status,
      body ? BODIES[body] : 'no',
      meaning,
      remedy,
    ]),
  ),
  sentences: table(
    ['code', 'English', 'Russian'],
    kinds
      .filter(({ body }) => body !== 'fields' && body !== 'token')
      .map(({ code, en, ru }) => [`\`${code}\``, en, ru]),
  ),
  fields: table(
    ['code', 'meaning', 'English', 'Russian'],
    Object.values(FIELD_FAULTS).map(({ code, meaning, en, ru }) => [
      `\`${code}\``,
      meaning,
      en,
      ru,
    ]),
  ),
  reasons: table(
    ['reason', 'meaning', 'English', 'Russian'],
    Object.entries(REASONS).map(([reason, { meaning, en, ru }]) => [
      `\`${reason}\``,
      meaning,
      en,
      ru,
    ]),
  ),
};

/** The page with its tables replaced; each stands between two comments with its name. */
export const withTables = (page: string): string =>
  page.replace(
    /(<!-- (\w+): made by scripts\/errors-page.ts -->\n\n)[\s\S]*?(\n\n<!-- end -->)/g,
    (_, begin: string, name: string, end: string) => `${begin}${TABLES[name]}${end}`,
  );

if (import.meta.main) {
  const path = join(import.meta.dirname, '../docs/errors.md');
  writeFileSync(path, withTables(readFileSync(path, 'utf8')));
}
