import type { FieldFault, RefusalKind } from '../errors.ts';

export const REGISTRATION_CLOSED = {
  code: 'registration_closed',
  status: 403,
  body: 'with_code',
  en: 'Registration is closed.',
  ru: 'Регистрация закрыта.',
  meaning: '`GATEPASS_REGISTRATION=closed`',
  remedy: 'hide the form',
} as const satisfies RefusalKind;

export const LAST_ADMINISTRATOR = {
  code: 'last_administrator',
  status: 409,
  body: 'with_code',
  en: 'This is the last administrator who can log in.',
  ru: 'Это последний администратор, который может войти.',
  meaning: 'the change would leave no administrator who can log in',
  remedy: 'make another account an administrator first',
} as const satisfies RefusalKind;

export const ADDRESS_UNPROVED = {
  code: 'address_unproved',
  status: 409,
  body: 'with_code',
  en: 'The address of this account is not verified.',
  ru: 'Адрес этой учётной записи не подтверждён.',
  meaning:
    'the address of the future administrator was never verified, so anyone could have registered it',
  remedy: 'let its owner verify the address first',
} as const satisfies RefusalKind;

export const EMAIL_TAKEN = {
  code: 'email_taken',
  en: 'user with this email address already exists.',
  ru: 'Пользователь с таким адресом электронной почты уже существует.',
  meaning: 'another account has this address',
} as const satisfies FieldFault;

export const PASSWORD_WRONG = {
  code: 'password_wrong',
  en: 'Invalid password.',
  ru: 'Неправильный пароль.',
  meaning: "it is not the account's password",
} as const satisfies FieldFault;

export const USERNAME_INVALID = {
  code: 'username_invalid',
  en: 'Enter a valid username. This value may contain only letters, numbers, and ./+/-/_ characters.',
  ru: 'Введите правильное имя пользователя. Оно может содержать только буквы, цифры и знаки ./+/-/_.',
  meaning:
    'it is not a username of at most 150 letters, digits and `.` `+` `-` `_`, or it looks like an id',
} as const satisfies FieldFault;

export const USERNAME_TAKEN = {
  code: 'username_taken',
  en: 'A user with that username already exists.',
  ru: 'Пользователь с таким именем уже существует.',
  meaning: 'another account has this username, whatever its case',
} as const satisfies FieldFault;
