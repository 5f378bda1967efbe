import { type FieldFault, invalidFields, type Refusal, type RefusalKind } from '../errors.ts';
import type { Presented } from './presented.ts';

export const NO_MAIL = {
  code: 'no_mail',
  status: 404,
  body: 'with_code',
  en: 'This service sends no mail: set GATEPASS_SMTP_URL.',
  ru: 'Сервис не отправляет письма: задайте GATEPASS_SMTP_URL.',
  meaning: '`GATEPASS_SMTP_URL` is not set',
  remedy: 'set it, see [mail.md](mail.md)',
} as const satisfies RefusalKind;

export const NO_PUBLIC_URL = {
  code: 'no_public_url',
  status: 409,
  body: 'with_code',
  en: 'A link needs the URL of this service: set GATEPASS_PUBLIC_URL.',
  ru: 'Для ссылки нужен URL сервиса: задайте GATEPASS_PUBLIC_URL.',
  meaning:
    'an administrator asks for a link to set a password, and `GATEPASS_PUBLIC_URL` is not set',
  remedy: 'set it, see [admin.md](admin.md#accounts)',
} as const satisfies RefusalKind;

export const TOKEN_INVALID_FOR_USER = {
  code: 'token_invalid_for_user',
  en: 'Invalid token for given user.',
  ru: 'Недопустимый токен для пользователя.',
  meaning: 'a mailed link is unknown, expired, used or replaced',
} as const satisfies FieldFault;

export const CODE_INVALID = {
  code: 'code_invalid',
  en: 'Invalid code for given user.',
  ru: 'Недопустимый код для пользователя.',
  meaning: 'a mailed code is wrong, expired or was tried too often',
} as const satisfies FieldFault;

/** One body for unknown, foreign, expired, spent and superseded tokens, so that clients cannot tell them apart. */
export const invalidToken = (presented: Presented): Refusal =>
  invalidFields(
    'code' in presented ? { code: [CODE_INVALID] } : { token: [TOKEN_INVALID_FOR_USER] },
  );
