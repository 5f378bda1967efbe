import type { PublicId } from '../config/public-id.ts';
import type { Language } from '../language.ts';

/** The events of the audit log and their details. */
export const EVENTS = [
  'user.register',
  'user.disable',
  'user.enable',
  'user.unlock',
  'user.delete',
  'user.claims',
  'user.username',
  'user.import',
  'user.export',
  'user.reset',
  'user.reset_link',
  'mail.retry',
  'mail.test',
  'admin.grant',
  'admin.revoke',
  'admin.invite',
  'admin.login',
  'admin.logout',
  'api_key.create',
  'api_key.revoke',
  'login.ok',
  'login.fail',
  'login.throttled',
  'refresh.reuse',
  'refresh.elsewhere',
  'session.end',
  'session.polled',
  'password.change',
  'password.reset',
  'email.verify',
  'email.change',
  'email.restore',
  'factor.add',
  'factor.remove',
  'factor.recover',
  'factor.codes',
  'session.confirm',
  'key.rotate',
  'key.retire',
  'restore',
] as const;

export type EventName = (typeof EVENTS)[number];

/** The cause: the account itself over HTTP, an operator at the command line, the clock, an administrator, a program. */
export type Actor = 'self' | 'operator' | 'schedule' | `admin:${PublicId}` | `key:${string}`;

export type Origin = {
  /** Default `self`. */
  readonly actor?: Actor;
  readonly address?: string;
  /** The client's own word, cut to 200 characters. */
  readonly userAgent?: string;
  readonly requestId?: string;
  /** The language of mails about the event; not part of the log. */
  readonly language?: Language;
};

/** The command line's counterpart of a request's device. */
export const OPERATOR: Origin = { actor: 'operator' };

/** Why a session ended. */
export type EndReason =
  | 'logout'
  | 'ended_by_user'
  | 'ended_by_operator'
  | 'password_changed'
  | 'password_reset'
  | 'address_restored'
  | 'factor_changed'
  | 'user_disabled'
  | 'user_deleted'
  | 'reused'
  | 'limit';

/** The allow-list: no field of it can hold a password, a token, a hash or an address. */
export type Details = {
  /** Of `session.end` its end reason, of `login.fail` why. */
  readonly reason?:
    | EndReason
    | 'wrong_password'
    | 'wrong_code'
    | 'wrong_passkey'
    | 'disabled'
    | 'unknown_account';
  /** Of `login.fail` and `login.throttled` how many were not written one by one, of `user.import` and `user.export` how many accounts, of `restore` how many sessions ended. */
  readonly count?: number;
  /** Of `key.rotate` the key that signs now, of `key.retire` the one that no longer does. */
  readonly kid?: string;
  /** Of `api_key.create` and `api_key.revoke` the id of the key. */
  readonly key?: string;
  /** Of `restore`: when the backup was made, epoch milliseconds. */
  readonly backup_of?: number;
};

export type NewEvent = {
  readonly event: EventName;
  readonly userId?: number | undefined;
  readonly sessionId?: string;
  readonly by: Origin;
  readonly details?: Details;
};

export type AuditEvent = Required<Omit<Origin, 'language'>> & {
  readonly id: number;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly event: EventName;
  readonly userId: number | undefined;
  /** The public id of the account, while it exists. */
  readonly publicId: PublicId | undefined;
  readonly sessionId: string | undefined;
  readonly details: Details;
};
