/** Refusals of HTTP itself, before a feature is asked. */
import { type FieldFault, Refusal, type RefusalKind } from '../errors.ts';
import type { Sentence } from '../language.ts';

export const NOT_AN_OBJECT = {
  code: 'not_an_object',
  status: 400,
  body: 'non_field_errors',
  en: 'Invalid data. Expected a dictionary, but got {got}.',
  ru: 'Недопустимые данные. Ожидался dictionary, но был получен {got}.',
  meaning: 'the body is JSON but not an object',
  remedy: 'fix the client',
} as const satisfies RefusalKind;

export const NO_DATA = {
  code: 'no_data',
  status: 400,
  body: 'non_field_errors',
  en: 'No data provided',
  ru: 'Данные не переданы',
  meaning: 'the body is `null`',
  remedy: 'fix the client',
} as const satisfies RefusalKind;

export const PARSE_ERROR = {
  code: 'parse_error',
  status: 400,
  en: 'JSON parse error - {what}',
  ru: 'Ошибка разбора JSON - {what}',
  meaning: 'the body is not valid JSON, or not valid UTF-8',
  remedy: 'fix the client',
} as const satisfies RefusalKind;

export const MULTIPART_PARSE_ERROR = {
  code: 'multipart_parse_error',
  status: 400,
  en: 'Multipart form parse error - {what}',
  ru: 'Ошибка разбора multipart-формы - {what}',
  meaning: 'the body is not valid multipart, or not valid UTF-8',
  remedy: 'fix the client',
} as const satisfies RefusalKind;

export const BAD_REQUEST = {
  code: 'bad_request',
  status: 400,
  en: 'Malformed request: {what}.',
  ru: 'Искажённый запрос: {what}.',
  meaning:
    'not valid HTTP, an incomplete body, or a request that two readers could understand differently',
  remedy: 'fix the client or the proxy; the connection is closed',
} as const satisfies RefusalKind;

export const CROSS_SITE_REQUEST = {
  code: 'cross_site_request',
  status: 403,
  body: 'with_code',
  en: 'Requests from pages of other sites are not accepted.',
  ru: 'Запросы со страниц других сайтов не принимаются.',
  meaning:
    "credentials from a page of an origin that is neither listed nor the service's own; at cookie routes also a request that does not show its page",
  remedy:
    'list the origin in [`GATEPASS_CORS_ORIGINS`](api.md#other-origins), or have the proxy pass on `Host`; cookie routes: [`GATEPASS_COOKIE_ORIGINS`](api.md#cookie-mode)',
} as const satisfies RefusalKind;

export const NO_COOKIES = {
  code: 'no_cookies',
  status: 404,
  body: 'with_code',
  en: 'This service keeps no sessions in cookies: set GATEPASS_PUBLIC_URL to its https address.',
  ru: 'Сервис не хранит сессии в cookie: задайте в GATEPASS_PUBLIC_URL его https-адрес.',
  meaning:
    '`GATEPASS_PUBLIC_URL` is not set, or is plain HTTP on another machine, where browsers store no secure cookie',
  remedy: 'set it, see [cookie mode](api.md#cookie-mode)',
} as const satisfies RefusalKind;

export const FORM_NOT_ACCEPTED = {
  code: 'form_not_accepted',
  status: 403,
  body: 'with_code',
  en: 'This route takes JSON, not what a form sends.',
  ru: 'Этот маршрут принимает JSON, а не данные формы.',
  meaning: 'the body sent to a cookie route has a type that a form of any page can send',
  remedy: 'send `application/json`',
} as const satisfies RefusalKind;

export const METHOD_NOT_ALLOWED = {
  code: 'method_not_allowed',
  status: 405,
  en: 'Method "{method}" not allowed.',
  ru: 'Метод "{method}" не разрешен.',
  meaning: 'the route has no such method',
  remedy: 'read `Allow`',
} as const satisfies RefusalKind;

export const NOT_ACCEPTABLE = {
  code: 'not_acceptable',
  status: 406,
  en: 'Could not satisfy the request Accept header.',
  ru: 'Невозможно удовлетворить "Accept" заголовок запроса.',
  meaning: '`Accept` does not allow `application/json`',
  remedy: 'accept JSON',
} as const satisfies RefusalKind;

export const REQUEST_TIMEOUT = {
  code: 'request_timeout',
  status: 408,
  en: 'The request did not arrive in time.',
  ru: 'Запрос не был получен за отведённое время.',
  meaning: 'the request did not arrive within 10 seconds',
  remedy: 'try again',
} as const satisfies RefusalKind;

export const BODY_TOO_LARGE = {
  code: 'body_too_large',
  status: 413,
  en: 'The request body is larger than {limit} bytes.',
  ru: 'Тело запроса больше {limit} байт.',
  meaning: 'the body is larger than 16 KiB',
  remedy: 'fix the client',
} as const satisfies RefusalKind;

export const UNSUPPORTED_MEDIA_TYPE = {
  code: 'unsupported_media_type',
  status: 415,
  en: 'Unsupported media type "{mediaType}" in request.',
  ru: 'Неподдерживаемый тип данных "{mediaType}" в запросе.',
  meaning: 'neither JSON nor a form, not UTF-8, or compressed',
  remedy: 'send `application/json`',
} as const satisfies RefusalKind;

export const HEADERS_TOO_LARGE = {
  code: 'headers_too_large',
  status: 431,
  en: 'The request has too many headers.',
  ru: 'В запросе слишком много заголовков.',
  meaning: 'more than 100 headers, or more than 16 KiB of them',
  remedy: 'drop cookies; look at the proxy',
} as const satisfies RefusalKind;

/** @param what in English, whatever the language: for the developer of the client */
export const badRequest = (what: string) => new Refusal(BAD_REQUEST, { values: { what } });
export const parseError = (what: string) => new Refusal(PARSE_ERROR, { values: { what } });
export const multipartParseError = (what: string) =>
  new Refusal(MULTIPART_PARSE_ERROR, { values: { what } });
export const unsupportedMediaType = (mediaType: string) =>
  new Refusal(UNSUPPORTED_MEDIA_TYPE, { values: { mediaType } });

/** The message of a 500, which is not a refusal. */
export const INTERNAL_ERROR: Sentence = {
  en: 'Internal server error.',
  ru: 'Внутренняя ошибка сервера.',
};

export const REQUIRED = {
  code: 'required',
  en: 'This field is required.',
  ru: 'Это поле обязательно.',
  meaning: 'the field is missing',
} as const satisfies FieldFault;

export const NULL = {
  code: 'null',
  en: 'This field may not be null.',
  ru: 'Это поле не может быть null.',
  meaning: 'it is `null`',
} as const satisfies FieldFault;

export const BLANK = {
  code: 'blank',
  en: 'This field may not be blank.',
  ru: 'Это поле не может быть пустым.',
  meaning: 'it is empty or white space',
} as const satisfies FieldFault;

export const NOT_A_STRING = {
  code: 'not_a_string',
  en: 'Not a valid string.',
  ru: 'Не является строкой.',
  meaning: 'it is a number, a boolean, a list or an object',
} as const satisfies FieldFault;

export const NOT_A_DICTIONARY = {
  code: 'not_a_dictionary',
  en: 'Expected a dictionary of items.',
  ru: 'Ожидался словарь элементов.',
  meaning: 'it must be an object, and is a string, a number, a boolean or a list',
} as const satisfies FieldFault;

export const NULL_CHARACTERS = {
  code: 'null_characters',
  en: 'Null characters are not allowed.',
  ru: 'Нулевые символы недопустимы.',
  meaning: 'it contains U+0000',
} as const satisfies FieldFault;

export const EMAIL_INVALID = {
  code: 'email_invalid',
  en: 'Enter a valid email address.',
  ru: 'Введите корректный адрес электронной почты.',
  meaning: 'it is not an e-mail address',
} as const satisfies FieldFault;

export const NOT_A_CHOICE = {
  code: 'not_a_choice',
  en: '"{value}" is not a valid choice.',
  ru: 'Значения "{value}" нет среди допустимых вариантов.',
  meaning: 'a query parameter has an invalid value',
} as const satisfies FieldFault;

export const notAChoice = (value: string): FieldFault => ({ ...NOT_A_CHOICE, values: { value } });
