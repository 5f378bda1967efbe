/** Accounts and their apps in the form of `manage.py dumpdata`. Pure. */
import type { DepartingApp } from '../mfa/app-departures.ts';
import type { Account } from '../users/user.ts';

type Entry = {
  readonly model: string;
  readonly pk: number | string | null;
  readonly fields: Readonly<Record<string, unknown>>;
};

/** The model has Django's default name; the script that reads the file knows the project's. */
export const accountEntry = (account: Account, isFromDjango: boolean): Entry => ({
  model: 'auth.user',
  pk: account.publicId,
  fields: {
    email: account.email,
    username: account.username ?? null,
    password: djangoPassword(account.passwordHash),
    // The password may not be that of the address's owner, and Django asks for no proof of the address.
    is_active: account.isActive && !(account.awaitsProof && account.lastLoginAt === undefined),
    date_joined: time(account.createdAt),
    last_login: account.lastLoginAt === undefined ? null : time(account.lastLoginAt),
    // `false` = a user of Django with this id is another person.
    from_django: isFromDjango,
  },
});

/** A `tolerance` of 1 accepts codes one step early or late, as Gatepass does. */
export const appEntry = ({ publicId }: Account, app: DepartingApp): Entry => ({
  model: 'otp_totp.totpdevice',
  pk: null,
  fields: {
    user: publicId,
    name: app.name,
    confirmed: true,
    key: Buffer.from(app.secret).toString('hex'),
    step: app.period,
    t0: 0,
    digits: app.digits,
    tolerance: 1,
    drift: 0,
    // In django-otp: the step of the newest used code; -1 = none was used.
    last_t: app.lastStep === 0 ? -1 : app.lastStep,
  },
});

/**
 * Voids all static codes of the account in Django, because some were used or replaced here. The entry
 * cannot name them: Gatepass does not store the codes themselves.
 */
export const codesEntry = ({ publicId }: Account): Entry => ({
  model: 'gatepass.codes_void',
  pk: null,
  fields: { user: publicId },
});

/**
 * The last entry. It makes `loaddata` refuse the file, because `loaddata` would reset every column of
 * existing users that is not in the file.
 */
export const endEntry = (accounts: number, lastId: number): Entry => ({
  model: 'gatepass.end',
  pk: null,
  fields: { accounts, last_id: lastId },
});

/** In Django no password matches `!`. */
function djangoPassword(stored: string | undefined): string {
  if (stored === undefined) return '!';
  if (stored.startsWith('$argon2')) return `argon2${stored}`;
  return stored.startsWith('$2') ? `bcrypt$${stored}` : stored;
}

const time = (epochMs: number) => new Date(epochMs).toISOString();
