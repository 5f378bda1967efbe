import { invalidFields, type RefusalKind } from '../errors.ts';
import { TOKEN_INVALID_FOR_USER } from '../recovery/refusals.ts';

export const CONFIRMATION_REQUIRED = {
  code: 'confirmation_required',
  status: 403,
  body: 'with_code',
  en: 'Confirm your password to do this.',
  ru: 'Для этого действия подтвердите пароль.',
  meaning: 'the action needs a password that was confirmed in the last ten minutes',
  remedy: 'ask for the password, send it to `POST /api/admin/session/confirm`, try again',
} as const satisfies RefusalKind;

export const ADMINISTRATORS_ONLY = {
  code: 'administrators_only',
  status: 403,
  body: 'with_code',
  en: 'Only an administrator may do this, not an API key.',
  ru: 'Это действие доступно только администратору, но не API-ключу.',
  meaning:
    'an API key asks for an action that would give it more rights, or acts on an administrator',
  remedy: 'log in at the admin listener',
} as const satisfies RefusalKind;

export const SECRET_DOES_NOT_ROTATE = {
  code: 'secret_does_not_rotate',
  status: 409,
  body: 'with_code',
  en: 'Access tokens are signed with the secret, which does not rotate. Choose an algorithm with keys, such as EdDSA.',
  ru: 'Access-токены подписываются секретом, а он не меняется. Выберите алгоритм с ключами, например EdDSA.',
  meaning: 'a rotation was requested while access tokens are signed with the secret (HS256)',
  remedy: 'send `alg`, and set `GATEPASS_SIGNING_ALG`, see [keys.md](keys.md)',
} as const satisfies RefusalKind;

export const WRONG_HOST = {
  code: 'wrong_host',
  status: 421,
  body: 'with_code',
  en: 'The admin listener does not serve this host name: set GATEPASS_ADMIN_URL.',
  ru: 'По этому имени административный порт не отвечает: задайте GATEPASS_ADMIN_URL.',
  meaning:
    'the `Host` of a request to the admin listener is neither an address nor its configured name',
  remedy: 'use the address, or set `GATEPASS_ADMIN_URL`',
} as const satisfies RefusalKind;

export const NETWORK_NOT_ALLOWED = {
  code: 'network_not_allowed',
  status: 403,
  body: 'with_code',
  en: 'The admin listener is closed to this network.',
  ru: 'Из этой сети административный порт недоступен.',
  meaning: '`GATEPASS_ADMIN_NETWORKS` does not list the address of the client',
  remedy: 'ask the operator',
} as const satisfies RefusalKind;

/** Unknown, expired and spent invitations get the same body. */
export const invalidInvitation = () => invalidFields({ token: [TOKEN_INVALID_FOR_USER] });
