/** Accounts and their apps as `manage.py dumpdata` writes them. Pure. */
import type { DepartingApp } from '../mfa/app-departures.ts';
import type { Account } from '../users/user.ts';

type Entry = {
  readonly model: string;
  readonly pk: number | string | null;
  readonly fields: Readonly<Record<string, unknown>>;
};

/** The name is Django's own: the script that reads the file knows the project's. */
export const accountEntry = (account: Account, isFromDjango: boolean): Entry => ({
  model: 'auth.user',
  pk: account.publicId,
  fields: {
    email: account.email,
    username: account.username ?? null,
    password: djangoPassword(account.passwordHash),
    // Its password is perhaps not of the owner of the address, and Django asks for no proof of it.
    is_active: account.isActive && !(account.awaitsProof && account.lastLoginAt === undefined),
    date_joined: time(account.createdAt),
    last_login: account.lastLoginAt === undefined ? null : time(account.lastLoginAt),
    // Otherwise a user of Django with this id is another person.
    from_django: isFromDjango,
  },
});

/** Codes count one step early or late, as here. */
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
    // There: the step of the newest code that was used, -1 for none.
    last_t: app.lastStep === 0 ? -1 : app.lastStep,
  },
});

/** What an owner has used or replaced here must not be good there again: the codes themselves are not stored. */
export const codesEntry = ({ publicId }: Account): Entry => ({
  model: 'gatepass.codes_void',
  pk: null,
  fields: { user: publicId },
});

/**
 * The last entry. `loaddata` refuses the file because of it: of users that are there it would reset
 * every column that is not in the file.
 */
export const endEntry = (accounts: number, lastId: number): Entry => ({
  model: 'gatepass.end',
  pk: null,
  fields: { accounts, last_id: lastId },
});

/** `!` is no password that can match. */
function djangoPassword(stored: string | undefined): string {
  if (stored === undefined) return '!';
  if (stored.startsWith('$argon2')) return `argon2${stored}`;
  return stored.startsWith('$2') ? `bcrypt$${stored}` : stored;
}

const time = (epochMs: number) => new Date(epochMs).toISOString();
