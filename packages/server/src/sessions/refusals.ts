import type { RefusalKind } from '../errors.ts';

export const REAUTHENTICATION_REQUIRED = {
  code: 'reauthentication_required',
  status: 403,
  body: 'with_code',
  en: 'Log in again, or send the current password.',
  ru: 'Войдите ещё раз или передайте текущий пароль.',
  meaning: 'ending all sessions, ten minutes or more after the login',
  remedy: 'log in again, or send `current_password`',
} as const satisfies RefusalKind;
