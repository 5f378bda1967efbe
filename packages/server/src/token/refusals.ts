import { Refusal, type RefusalKind, type TokenReason } from '../errors.ts';
import { REASONS } from './reasons.ts';

export const NO_ACTIVE_ACCOUNT = {
  code: 'no_active_account',
  status: 401,
  en: 'No active account found with the given credentials',
  ru: 'Не найдено активной учетной записи с указанными данными',
  meaning: 'no active account has this address and this password',
  remedy: 'ask for them again',
} as const satisfies RefusalKind;

export const EMAIL_NOT_VERIFIED = {
  code: 'email_not_verified',
  status: 401,
  body: 'with_code',
  en: 'E-mail address is not verified.',
  ru: 'Адрес электронной почты не подтверждён.',
  meaning: 'the password is right, the address is not confirmed yet',
  remedy: 'offer `POST /api/users/resend_activation`',
} as const satisfies RefusalKind;

/** Beside `detail` and `code`: `challenge`, and in `methods` the ways to complete the login. */
export const SECOND_FACTOR_REQUIRED = {
  code: 'second_factor_required',
  status: 401,
  body: 'with_code',
  en: 'A second factor is required.',
  ru: 'Требуется второй фактор.',
  meaning: 'the password is right, and the account has a [second factor](second-factors.md)',
  remedy: 'ask for a code and send it with the `challenge` to `POST /api/token/second_factor`',
} as const satisfies RefusalKind;

/** The body also has `challenge`. */
export const SECOND_FACTOR_SETUP_REQUIRED = {
  code: 'second_factor_setup_required',
  status: 401,
  body: 'with_code',
  en: 'A second factor must be set up first.',
  ru: 'Сначала нужно настроить второй фактор.',
  meaning: 'the password is right, `GATEPASS_MFA=required`, and the grace period is over',
  remedy: 'send the `challenge` to `POST /api/token/second_factor/setup` and show the QR code',
} as const satisfies RefusalKind;

/** The message is that of the reason. */
export const TOKEN_NOT_VALID = {
  code: 'token_not_valid',
  status: 401,
  body: 'token',
  en: REASONS.malformed.en,
  ru: REASONS.malformed.ru,
  meaning: 'the token sent to verify or refresh is invalid; see [reasons](#reasons)',
  remedy: 'verify: refresh; refresh: log in again',
} as const satisfies RefusalKind;

export const BEARER_TOKEN_NOT_VALID = {
  code: 'bearer_token_not_valid',
  status: 401,
  body: 'bearer_token',
  en: 'Given token not valid for any token type',
  ru: 'Данный токен недействителен для любого типа токена',
  meaning: 'the token sent to a Bearer route is invalid; see [reasons](#reasons)',
  remedy: 'refresh once and try again, else log in again',
} as const satisfies RefusalKind;

export const NOT_AUTHENTICATED = {
  code: 'not_authenticated',
  status: 401,
  en: 'Authentication credentials were not provided.',
  ru: 'Учетные данные не были предоставлены.',
  meaning: 'no `Authorization` header, or one of another scheme',
  remedy: 'send the access token',
} as const satisfies RefusalKind;

export const NO_SESSION_COOKIE = {
  code: 'no_session_cookie',
  status: 401,
  body: 'with_code',
  en: 'There is no session cookie.',
  ru: 'В запросе нет cookie сессии.',
  meaning: 'a refresh in cookie mode came without the cookie, or with several',
  remedy: 'log in again',
} as const satisfies RefusalKind;

export const BAD_AUTHORIZATION_HEADER = {
  code: 'bad_authorization_header',
  status: 401,
  body: 'with_code',
  en: 'Authorization header must contain two space-delimited values',
  ru: 'Заголовок авторизации должен содержать два значения, разделенных пробелом',
  meaning: 'not exactly one token after `Bearer`',
  remedy: 'fix the client',
} as const satisfies RefusalKind;

export const USER_NOT_FOUND = {
  code: 'user_not_found',
  status: 401,
  body: 'with_code',
  en: 'User not found',
  ru: 'Пользователь не найден',
  meaning: 'the account of the token does not exist (at a Bearer route)',
  remedy: 'log in again',
} as const satisfies RefusalKind;

export const USER_INACTIVE = {
  code: 'user_inactive',
  status: 401,
  body: 'with_code',
  en: 'User is inactive',
  ru: 'Пользователь неактивен',
  meaning: 'the account of the token is disabled (at a Bearer route)',
  remedy: 'tell the user; a new token will not help',
} as const satisfies RefusalKind;

const reasonOf = (code: TokenReason) => ({ ...REASONS[code], code });

export const tokenNotValid = (reason: TokenReason) =>
  new Refusal(TOKEN_NOT_VALID, { reason: reasonOf(reason) });

export const bearerTokenNotValid = (reason: TokenReason) =>
  new Refusal(BEARER_TOKEN_NOT_VALID, { reason: reasonOf(reason) });

/** @param refused what is wrong with the `Authorization` header */
export const noBearer = (refused: 'missing' | 'malformed') =>
  new Refusal(refused === 'missing' ? NOT_AUTHENTICATED : BAD_AUTHORIZATION_HEADER);
