/** The link of a service without mail: an administrator hands it over in place of the mail. */
import { Refusal } from '../errors.ts';
import { type ObjectSchema, text } from '../http/openapi/schema.ts';
import type { Recovery } from '../recovery/feature.ts';
import type { ResetLink, ResetLinks } from '../recovery/reset-links.ts';
import type { Users } from '../users/users.ts';
import { type AdminCaller, assertConfirmed } from './guard.ts';
import { ADMINISTRATORS_ONLY } from './refusals.ts';
import { USER } from './user-view.ts';
import { time } from './view.ts';

export type HandOver = {
  readonly users: Users;
  /** @throws {Refusal} `no_mail` where no mail is set up */
  readonly recovery: () => Recovery;
  /** Where no mail is set up. */
  readonly resetLinks: ResetLinks | undefined;
};

export const WITHOUT_MAIL =
  'Where no mail is set up, the response has the `link` in place of the mail; an administrator with a ' +
  'confirmed password gets it, an API key does not.';

export const HANDED_OVER = {
  ...USER,
  title: 'AdminUserWithLink',
  properties: {
    ...USER.properties,
    link: { ...text, description: 'Without mail: sets the password once; shown this once' },
    expires_at: { ...text, description: 'Of the link' },
  },
} as const satisfies ObjectSchema;

export const viewOfLink = ({ link, expiresAt }: ResetLink) => ({
  link,
  expires_at: time(expiresAt),
});

/**
 * The link opens an account, an administrator's too: an API key that got it would gain every right.
 *
 * @throws {Refusal} `administrators_only`, `confirmation_required`
 */
export function assertPersonal(caller: AdminCaller): void {
  if (caller.kind === 'key') throw new Refusal(ADMINISTRATORS_ONLY);
  assertConfirmed(caller);
}
