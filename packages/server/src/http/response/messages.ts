/** Every sentence a client can read, in English and Russian; the words of Django where it has them. */
import Negotiator from 'negotiator';
import type { Language } from '../../language.ts';

export type { Language };

const catalogue = {
  required: ['This field is required.', 'Это поле обязательно.'],
  null: ['This field may not be null.', 'Это поле не может быть null.'],
  blank: ['This field may not be blank.', 'Это поле не может быть пустым.'],
  not_a_string: ['Not a valid string.', 'Не является строкой.'],
  null_characters: ['Null characters are not allowed.', 'Нулевые символы недопустимы.'],
  email_invalid: ['Enter a valid email address.', 'Введите корректный адрес электронной почты.'],
  email_taken: [
    'user with this email address already exists.',
    'Пользователь с таким адресом электронной почты уже существует.',
  ],
  password_malformed: [
    'This password contains characters that cannot be stored.',
    'Пароль содержит символы, которые нельзя сохранить.',
  ],
  password_too_short: [
    'This password is too short. It must contain at least {min} characters.',
    'Введённый пароль слишком короткий. Минимальное число символов: {min}.',
  ],
  password_too_long: [
    'This password is too long. It must contain at most {max} characters.',
    'Введённый пароль слишком длинный. Максимальное число символов: {max}.',
  ],
  password_too_similar: [
    'The password is too similar to the email address.',
    'Введённый пароль слишком похож на адрес электронной почты.',
  ],
  password_too_common: [
    'This password is too common.',
    'Введённый пароль слишком широко распространён.',
  ],
  password_entirely_numeric: [
    'This password is entirely numeric.',
    'Введённый пароль состоит только из цифр.',
  ],
  token_invalid_for_user: ['Invalid token for given user.', 'Недопустимый токен для пользователя.'],
  code_invalid: ['Invalid code for given user.', 'Недопустимый код для пользователя.'],
  password_wrong: ['Invalid password.', 'Неправильный пароль.'],
  not_a_choice: [
    '"{value}" is not a valid choice.',
    'Значения "{value}" нет среди допустимых вариантов.',
  ],
  not_an_object: [
    'Invalid data. Expected a dictionary, but got {got}.',
    'Недопустимые данные. Ожидался dictionary, но был получен {got}.',
  ],
  no_data: ['No data provided', 'Данные не переданы'],
  parse_error: ['JSON parse error - {what}', 'Ошибка разбора JSON - {what}'],
  multipart_parse_error: [
    'Multipart form parse error - {what}',
    'Ошибка разбора multipart-формы - {what}',
  ],
  no_active_account: [
    'No active account found with the given credentials',
    'Не найдено активной учетной записи с указанными данными',
  ],
  token_invalid: ['Token is invalid or expired', 'Токен недействителен или просрочен'],
  token_wrong_type: ['Token has wrong type', 'Токен имеет неправильный тип'],
  token_no_type: ['Token has no type', 'Токен не имеет типа'],
  token_no_id: ['Token has no id', 'У токена нет идентификатора'],
  token_no_exp: ["Token has no 'exp' claim", "Токен не содержит 'exp'"],
  token_no_user: [
    'Token contained no recognizable user identification',
    'Токен не содержит идентификатор пользователя',
  ],
  token_blacklisted: ['Token is blacklisted', 'Токен занесен в черный список'],
  token_no_class: [
    'Given token not valid for any token type',
    'Данный токен недействителен для любого типа токена',
  ],
  not_authenticated: [
    'Authentication credentials were not provided.',
    'Учетные данные не были предоставлены.',
  ],
  bad_authorization_header: [
    'Authorization header must contain two space-delimited values',
    'Заголовок авторизации должен содержать два значения, разделенных пробелом',
  ],
  user_not_found: ['User not found', 'Пользователь не найден'],
  user_inactive: ['User is inactive', 'Пользователь неактивен'],
  registration_closed: ['Registration is closed.', 'Регистрация закрыта.'],
  cross_site_request: [
    'Requests from pages of other sites are not accepted.',
    'Запросы со страниц других сайтов не принимаются.',
  ],
  reauthentication_required: [
    'Log in again, or send the current password.',
    'Войдите ещё раз или передайте текущий пароль.',
  ],
  method_not_allowed: ['Method "{method}" not allowed.', 'Метод "{method}" не разрешен.'],
  not_acceptable: [
    'Could not satisfy the request Accept header.',
    'Невозможно удовлетворить "Accept" заголовок запроса.',
  ],
  unsupported_media_type: [
    'Unsupported media type "{mediaType}" in request.',
    'Неподдерживаемый тип данных "{mediaType}" в запросе.',
  ],
  not_found: ['Not found.', 'Не найдено.'],
  no_mail: [
    'This service sends no mail: set GATEPASS_SMTP_URL.',
    'Сервис не отправляет почту: задайте GATEPASS_SMTP_URL.',
  ],
  email_not_verified: [
    'E-mail address is not verified.',
    'Адрес электронной почты не подтверждён.',
  ],
  no_issuer: [
    'This service has no issuer: set GATEPASS_ISSUER to its URL.',
    'У сервиса нет издателя: задайте в GATEPASS_ISSUER его URL.',
  ],
  body_too_large: [
    'The request body is larger than {limit} bytes.',
    'Тело запроса больше {limit} байт.',
  ],
  bad_request: ['Malformed request: {what}.', 'Искажённый запрос: {what}.'],
  headers_too_large: ['The request has too many headers.', 'В запросе слишком много заголовков.'],
  request_timeout: [
    'The request did not arrive in time.',
    'Запрос не был получен за отведённое время.',
  ],
  throttled: [
    'Request was throttled. Expected available in {seconds} seconds.',
    'Запрос был проигнорирован. Повторите через {seconds} с.',
  ],
  throttled_one: [
    'Request was throttled. Expected available in {seconds} second.',
    'Запрос был проигнорирован. Повторите через {seconds} с.',
  ],
  unavailable: [
    'The service cannot answer now; try again.',
    'Сервис сейчас не может ответить; повторите попытку.',
  ],
  internal: ['Internal server error.', 'Внутренняя ошибка сервера.'],
} as const satisfies Record<string, readonly [en: string, ru: string]>;

export type MessageKey = keyof typeof catalogue;
export type MessageParams = Readonly<Record<string, string | number>>;

/** A sentence in the client's language, its `{placeholders}` filled. */
export function say(language: Language, key: MessageKey, params: MessageParams = {}): string {
  const sentence = catalogue[key][language === 'ru' ? 1 : 0];
  return sentence.replace(/\{(\w+)\}/g, (_, name: string) => String(params[name]));
}

// Negotiator takes 15 to 35 ms for the 16 KiB that a header can have; browsers send less than 100.
const MAX_ACCEPT_LANGUAGE = 256;

/** English unless `Accept-Language` prefers Russian (RFC 9110 §12.5.4). */
export function languageOf(acceptLanguage = ''): Language {
  if (acceptLanguage.length > MAX_ACCEPT_LANGUAGE) return 'en';
  if (!acceptLanguage.toLowerCase().includes('ru')) return 'en';
  const headers = { 'accept-language': acceptLanguage };
  return new Negotiator({ headers }).language(['en', 'ru']) === 'ru' ? 'ru' : 'en';
}
