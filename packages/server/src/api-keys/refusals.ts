import type { RefusalKind } from '../errors.ts';

export const CREDENTIAL_NOT_VALID = {
  code: 'credential_not_valid',
  status: 401,
  body: 'with_code',
  en: 'The login of an administrator or the API key is not valid or has expired.',
  ru: 'Вход администратора или API-ключ недействительны либо их срок истёк.',
  meaning:
    "the request has neither a valid administrator's login nor a valid API key: unknown, expired or revoked",
  remedy: 'log in at the admin listener, or use another key',
} as const satisfies RefusalKind;

export const SCOPE_MISSING = {
  code: 'scope_missing',
  status: 403,
  body: 'with_code',
  en: 'The API key lacks the scope {scope}.',
  ru: 'У API-ключа нет права {scope}.',
  meaning: 'the API key lacks the scope of this route',
  remedy: 'create a key with this scope',
} as const satisfies RefusalKind;
