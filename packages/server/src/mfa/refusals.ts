import { type FieldFault, invalidFields, Refusal, type RefusalKind } from '../errors.ts';

export const SECOND_FACTOR_INVALID = {
  code: 'second_factor_invalid',
  status: 401,
  body: 'with_code',
  en: 'The code is wrong or was used before.',
  ru: 'Код неверен или уже был использован.',
  meaning: 'the password or the challenge is right, the code of the second factor is not',
  remedy: 'ask for the next code of the app, or for a recovery code',
} as const satisfies RefusalKind;

export const CHALLENGE_NOT_VALID = {
  code: 'challenge_not_valid',
  status: 401,
  body: 'with_code',
  en: 'The login has expired or was completed; begin again.',
  ru: 'Время входа истекло, или вход уже завершён; начните сначала.',
  meaning:
    'the challenge is unknown, older than five minutes, used, tried five times, or from before a change of the password',
  remedy: 'ask for the password again',
} as const satisfies RefusalKind;

export const SECOND_FACTORS_OFF = {
  code: 'second_factors_off',
  status: 404,
  body: 'with_code',
  en: 'This service has no second factors.',
  ru: 'Второй фактор в этом сервисе отключён.',
  meaning: '`GATEPASS_MFA=off`',
  remedy: 'hide the settings of second factors',
} as const satisfies RefusalKind;

export const NO_PASSKEYS = {
  code: 'no_passkeys',
  status: 404,
  body: 'with_code',
  en: 'This service has no passkeys.',
  ru: 'Ключи доступа в этом сервисе отключены.',
  meaning:
    '`GATEPASS_PUBLIC_URL` is not set, or has no TLS or no domain name: a passkey belongs to a domain',
  remedy: 'hide passkeys; the operator sets `GATEPASS_PUBLIC_URL`',
} as const satisfies RefusalKind;

export const PASSKEY_NOT_VALID = {
  code: 'passkey_not_valid',
  status: 401,
  body: 'with_code',
  en: 'The passkey cannot be used to log in.',
  ru: 'Войти с этим ключом доступа нельзя.',
  meaning:
    'the passkey is unknown or was removed, its account is disabled, or its response is not for this challenge, page and account',
  remedy: 'ask for new options, or offer the password',
} as const satisfies RefusalKind;

export const TOO_MANY_FACTORS = {
  code: 'too_many_factors',
  status: 403,
  body: 'with_code',
  en: 'The account has the maximum number of second factors; remove one first.',
  ru: 'У учётной записи уже максимальное число вторых факторов; сначала удалите один из них.',
  meaning: 'the account has ten authenticator apps, or twenty passkeys',
  remedy: 'offer to remove one',
} as const satisfies RefusalKind;

export const EMAIL_UNPROVED = {
  code: 'email_unproved',
  status: 403,
  body: 'with_code',
  en: 'Confirm the e-mail address first.',
  ru: 'Сначала подтвердите адрес электронной почты.',
  meaning:
    'mail is set up and this address is not confirmed: factors cannot be set up on an account that a reset may hand to another owner',
  remedy: 'offer `POST /api/users/resend_activation`',
} as const satisfies RefusalKind;

export const FACTOR_CODE_INVALID = {
  code: 'factor_code_invalid',
  en: 'The code is wrong or was used before.',
  ru: 'Код неверен или уже был использован.',
  meaning: 'it is not a current code of the second factor, or was used before',
} as const satisfies FieldFault;

export const PASSKEY_INVALID = {
  code: 'passkey_invalid',
  en: 'The passkey does not match this request; try again.',
  ru: 'Ключ доступа не подходит к этому запросу; повторите попытку.',
  meaning:
    'the challenge has expired or was used, the response is from another page or account, or the passkey is already registered',
} as const satisfies FieldFault;

export const wrongPasskey = (field: 'credential' | 'passkey' = 'credential') =>
  invalidFields({ [field]: [PASSKEY_INVALID] });
export const wrongCode = () => invalidFields({ code: [FACTOR_CODE_INVALID] });
export const challengeNotValid = () => new Refusal(CHALLENGE_NOT_VALID);
