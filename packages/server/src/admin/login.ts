import { action } from '../http/action.ts';
import { type ObjectSchema, requiredFormat, requiredText, text } from '../http/openapi/schema.ts';
import type { DeviceTokens } from '../token/known-device.ts';
import { ACCOUNT, viewOf } from '../users/view.ts';
import type { Administrators, AdminLogin } from './administrators.ts';
import type { Invitations } from './invitations.ts';
import { time } from './view.ts';

const LOGIN = {
  title: 'AdminLogin',
  type: 'object',
  required: ['email', 'password'],
  properties: {
    email: requiredText('admin@example.com'),
    password: requiredText('correct horse 9 battery'),
    /** If the account has a second factor. */
    code: requiredText('123456'),
  },
} as const satisfies ObjectSchema;

const SETUP = {
  title: 'Setup',
  type: 'object',
  required: ['token', 'password'],
  properties: {
    token: text,
    email: requiredFormat('email', 'admin@example.com'),
    password: requiredText('correct horse 9 battery'),
    /** If the account has a second factor. */
    code: requiredText('123456'),
  },
} as const satisfies ObjectSchema;

const LOGGED_IN = {
  title: 'AdminLoggedIn',
  type: 'object',
  required: ['token', 'expires_at', 'user'],
  properties: { token: text, expires_at: text, user: ACCOUNT },
} as const satisfies ObjectSchema;

const view = ({ token, expiresAt, user }: AdminLogin) => ({
  token,
  expires_at: time(expiresAt),
  user: viewOf(user),
});

/** `POST /api/admin/login`: a login for the admin listener alone, which ends after twelve hours. */
export const logIn = (administrators: Administrators, devices: DeviceTokens) =>
  action({
    operationId: 'adminLogIn',
    summary: 'Log in as an administrator',
    description:
      'The token goes into `Authorization: Bearer`. It lives for 12 hours and ends with a new password or when the account no longer administers. An account with a second factor sends `code` too. A client that sends `X-Known-Device` gets the token of its device in the same header.',
    body: LOGIN,
    refuses: [401, 403, 429],
    response: LOGGED_IN,
    async handle({ body, request }) {
      const login = await administrators.logIn(
        { ...body, deviceToken: devices.of(request) },
        request,
      );
      devices.give(request, login.user);
      return view(login);
    },
  });

/** `POST /api/admin/setup`: the link of a first start, or an invitation. */
export const setUp = (
  invitations: Invitations,
  administrators: Administrators,
  devices: DeviceTokens,
) =>
  action({
    operationId: 'adminSetUp',
    summary: 'Become an administrator with a one-time token',
    description:
      'The token that a first start prints on a terminal (then `email` is required), or that of "gatepass admin invite". An account that exists proves its password; one that does not gets this one.',
    body: SETUP,
    refuses: [401, 403, 429],
    response: LOGGED_IN,
    async handle({ body, request }) {
      const accepted = { ...body, deviceToken: devices.of(request) };
      const login = await invitations.accept(accepted, request, { administrators });
      devices.give(request, login.user);
      return view(login);
    },
  });
