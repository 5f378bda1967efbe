/**
 * The one table of deliberate differences from SimpleJWT 5.2.2 that its recorded answers can show:
 * which cases, what we answer exactly, and why. A case that is in no entry must be answered as it
 * was recorded. `docs/differences-from-simplejwt.md` is made from this table.
 */
import type { Difference } from './difference.ts';
import { accounts } from './differences/accounts.ts';
import { bodies } from './differences/bodies.ts';
import { routes } from './differences/routes.ts';
import { tokens } from './differences/tokens.ts';

export const themes: Readonly<Record<string, readonly Difference[]>> = {
  'Which tokens are valid': tokens,
  Accounts: accounts,
  'Request bodies': bodies,
  'Routes and responses': routes,
};

export const differences: readonly Difference[] = Object.values(themes).flat();

/** Taken out of our answers before they are compared. */
export const REASON = {
  id: 'reason',
  title: 'A token error also carries `reason`',
  contract: '§3.8',
  why: 'It says what was wrong, for debugging; clients need not read it.',
} as const;

/** Put into the recorded answers before they are compared; ours must have exactly this header. */
export const ALLOW_OF_ME = {
  id: 'allow-of-me',
  title: '`Allow` of `/api/users/me` names `DELETE` too',
  contract: '§3.1',
  why: 'The account can be deleted there; the methods are in the order of Django REST Framework.',
} as const;
