import type { FieldFault } from '../errors.ts';

export const PASSWORD_MALFORMED = {
  code: 'password_malformed',
  en: 'This password contains characters that cannot be stored.',
  ru: 'Пароль содержит символы, которые нельзя сохранить.',
  meaning: 'it contains half of a surrogate pair',
} as const satisfies FieldFault;

export const PASSWORD_TOO_SHORT = {
  code: 'password_too_short',
  en: 'This password is too short. It must contain at least {min} characters.',
  ru: 'Введённый пароль слишком короткий. Минимальное число символов: {min}.',
  meaning: 'fewer characters than `GATEPASS_PASSWORD_MIN_LENGTH`',
} as const satisfies FieldFault;

export const PASSWORD_TOO_LONG = {
  code: 'password_too_long',
  en: 'This password is too long. It must contain at most {max} characters.',
  ru: 'Введённый пароль слишком длинный. Максимальное число символов: {max}.',
  meaning: 'more than 128 characters',
} as const satisfies FieldFault;

export const PASSWORD_TOO_SIMILAR = {
  code: 'password_too_similar',
  en: 'The password is too similar to the email address.',
  ru: 'Введённый пароль слишком похож на адрес электронной почты.',
  meaning: 'it resembles the e-mail address or a part of it',
} as const satisfies FieldFault;

export const PASSWORD_TOO_SIMILAR_TO_USERNAME = {
  code: 'password_too_similar_to_username',
  en: 'The password is too similar to the username.',
  ru: 'Введённый пароль слишком похож на имя пользователя.',
  meaning: 'it resembles the username or a part of it',
} as const satisfies FieldFault;

export const PASSWORD_TOO_COMMON = {
  code: 'password_too_common',
  en: 'This password is too common.',
  ru: 'Введённый пароль слишком широко распространён.',
  meaning: 'it is a common password, or one with the usual digits and symbols',
} as const satisfies FieldFault;

export const PASSWORD_ENTIRELY_NUMERIC = {
  code: 'password_entirely_numeric',
  en: 'This password is entirely numeric.',
  ru: 'Введённый пароль состоит только из цифр.',
  meaning: 'it consists of fewer than 20 digits and nothing else',
} as const satisfies FieldFault;
