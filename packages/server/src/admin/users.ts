import { invalidFields } from '../errors.ts';
import { type Action, action } from '../http/action.ts';
import { type ObjectSchema, requiredFormat, requiredText, text } from '../http/openapi/schema.ts';
import type { ResetLink } from '../recovery/reset-links.ts';
import { SORTS } from '../users/sorted-pages.ts';
import { STATUSES } from '../users/user.ts';
import type { Users } from '../users/users.ts';
import { type AdminCaller, originOf } from './guard.ts';
import {
  assertPersonal,
  HANDED_OVER,
  type HandOver,
  viewOfLink,
  WITHOUT_MAIL,
} from './hand-over.ts';
import { choice, cursorOf, cursorText, PAGE_QUERY, sizeOf } from './page.ts';
import { namedUser, USER, userToChange, viewOfUser } from './user-view.ts';

const USERS = {
  title: 'AdminUsers',
  type: 'object',
  required: ['users'],
  properties: { users: { type: 'array', items: USER }, next: text },
} as const satisfies ObjectSchema;

const NEW_USER = {
  title: 'AdminNewUser',
  type: 'object',
  required: ['email'],
  properties: {
    email: requiredFormat('email', 'user@example.com'),
    username: requiredText('alice'),
  },
} as const satisfies ObjectSchema;

const LISTED = [...STATUSES, 'admin'] as const;

/** `GET /api/admin/users` */
export const listUsers = (users: Users): Action<AdminCaller> =>
  action({
    operationId: 'adminListUsers',
    summary: 'Accounts, page by page',
    description:
      'If there are more, `next` is the `after` of the next page. With `q` or `status` a request looks at a bounded ' +
      'number of accounts, so that a page may have fewer rows than `limit`, or none, and a `next`: go on until there is none.',
    query: {
      q: { description: 'Part of the address or the username', schema: text },
      status: { description: 'In this state only', schema: { type: 'string', enum: LISTED } },
      sort: {
        description: '`-` = downwards',
        schema: { type: 'string', enum: SORTS, default: '-id' },
      },
      ...PAGE_QUERY,
    },
    response: USERS,
    async handle({ request }) {
      const sort = choice(request, 'sort', SORTS) ?? '-id';
      const size = sizeOf(request);
      const { accounts, places, stoppedAt } = await users.sorted({
        search: request.query('q') || undefined,
        status: choice(request, 'status', LISTED),
        sort,
        after: cursorOf(request, sort.endsWith('email') ? 'string' : 'number'),
        size: size + 1,
      });
      const last = places.length > size ? places[size - 1] : stoppedAt;
      const page = accounts.slice(0, size).map(viewOfUser);
      return { users: page, ...(last && { next: cursorText(last) }) };
    },
  });

/** `GET /api/admin/users/:id` */
export const showUser = (users: Users): Action<AdminCaller> =>
  action({
    operationId: 'adminShowUser',
    summary: 'One account',
    refuses: [404],
    response: USER,
    handle: async ({ request }) => viewOfUser(await namedUser(users, request)),
  });

/** `POST /api/admin/users` */
export const createUser = ({ users, recovery, resetLinks }: HandOver): Action<AdminCaller> =>
  action({
    operationId: 'adminCreateUser',
    summary: 'Create an account and mail its owner a link to set the password',
    description: `An administrator never chooses a password. ${WITHOUT_MAIL}`,
    body: NEW_USER,
    status: 201,
    refuses: [429],
    response: HANDED_OVER,
    async handle({ body, caller, request }) {
      const by = originOf(caller, request);
      // Counted first: if its mail is refused, the account is not created.
      const mail = resetLinks ? undefined : await recovery().passwords.prepare(body.email, by);
      if (resetLinks) assertPersonal(caller);
      const { email, username } = body;
      let link: ResetLink | undefined;
      const created = await users.createWithoutPassword(email, username, by, async (tx, user) => {
        await mail?.within(tx);
        link = await resetLinks?.issue(tx, user, by);
      });
      if (!created.ok) throw invalidFields(created.faults);
      mail?.committed();
      return { ...viewOfUser(created.user), ...(link && viewOfLink(link)) };
    },
  });

/** `DELETE /api/admin/users/:id` */
export const deleteUser = (users: Users): Action<AdminCaller> =>
  action({
    operationId: 'adminDeleteUser',
    summary: 'Delete an account for good',
    status: 204,
    refuses: [404],
    async handle({ caller, request }) {
      await users.remove(await userToChange(users, caller, request), originOf(caller, request));
      return undefined;
    },
  });
