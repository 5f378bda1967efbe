/** `POST /api/admin/users/:id/…`: one change of an account each, without a body. */
import type { Origin } from '../audit/event.ts';
import type { Transaction } from '../database/database.ts';
import { NOT_FOUND, Refusal } from '../errors.ts';
import { type Action, action } from '../http/action.ts';
import type { User } from '../users/user.ts';
import type { Users } from '../users/users.ts';
import { type AdminCaller, originOf } from './guard.ts';
import {
  assertPersonal,
  HANDED_OVER,
  type HandOver,
  viewOfLink,
  WITHOUT_MAIL,
} from './hand-over.ts';
import { USER, userToChange, viewOfUser } from './user-view.ts';

type Resetting = HandOver & { readonly transaction: Transaction };

type Change = {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly work: (user: User, by: Origin) => Promise<unknown>;
};

const change = (users: Users, { work, ...facts }: Change): Action<AdminCaller> =>
  action({
    ...facts,
    refuses: [404],
    response: USER,
    async handle({ caller, request }) {
      const user = await userToChange(users, caller, request);
      await work(user, originOf(caller, request));
      const changed = await users.findById(user.id);
      if (!changed) throw new Refusal(NOT_FOUND);
      return viewOfUser(changed);
    },
  });

export const disableUser = (users: Users) =>
  change(users, {
    operationId: 'adminDisableUser',
    summary: 'Refuse logins and end all sessions at once',
    work: async (user, by) => user.isActive && users.disable(user, by),
  });

export const enableUser = (users: Users) =>
  change(users, {
    operationId: 'adminEnableUser',
    summary: 'Allow logins again, and clear what limits count',
    work: users.enable,
  });

export const unlockUser = (users: Users) =>
  change(users, {
    operationId: 'adminUnlockUser',
    summary: 'Clear what limits count against the account',
    work: users.unlock,
  });

/** Without a mail server, the response contains the link. */
export const resetUser = ({
  users,
  recovery,
  resetLinks,
  transaction,
}: Resetting): Action<AdminCaller> =>
  action({
    operationId: 'adminResetUser',
    summary: 'Mail the owner a link to set a new password',
    description: `The limits of mails apply. ${WITHOUT_MAIL}`,
    refuses: [404, 429],
    response: HANDED_OVER,
    async handle({ caller, request }) {
      const user = await userToChange(users, caller, request);
      const by = originOf(caller, request);
      if (resetLinks) {
        assertPersonal(caller);
        const link = await transaction((tx) => resetLinks.issue(tx, user, by));
        return { ...viewOfUser(user), ...viewOfLink(link) };
      }
      const mail = await recovery().passwords.prepare(user.email, by);
      await users.noteReset(user, by, async (tx) => mail?.within(tx));
      mail?.committed();
      return viewOfUser(user);
    },
  });

export const grantAdmin = (users: Users) =>
  change(users, {
    operationId: 'adminGrant',
    summary: 'Make the account an administrator',
    work: (user, by) => users.setAdmin(user, true, by),
  });

export const revokeAdmin = (users: Users) =>
  change(users, {
    operationId: 'adminRevoke',
    summary: 'Take administration away; its logins at the admin listener end at once',
    work: (user, by) => users.setAdmin(user, false, by),
  });
