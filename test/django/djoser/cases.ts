/**
 * What is asked of djoser and of us, and where the responses may differ. Every difference has a row
 * in docs/differences-from-djoser.md, and every row a case.
 */
export type Body = Readonly<Record<string, unknown>>;

/** What a case may use: of the account that it is about. */
export type Known = {
  readonly email: string;
  readonly password: string;
  /** Of the newest mail to the account. */
  readonly link: { readonly uid: string; readonly token: string };
  /** Of the mail before it. */
  readonly earlier: { readonly uid: string; readonly token: string };
};

export type Case = {
  readonly name: string;
  /** Below `/api/users/`. */
  readonly path: string;
  readonly method?: 'POST' | 'GET';
  readonly body?: (known: Known) => Body;
  /** With the access token of the account. */
  readonly isBearer?: boolean;
  /** A title of `DIFFERENCES`. */
  readonly difference?: string;
};

/** By title: what each side answers, and why. */
export const DIFFERENCES: Readonly<
  Record<string, { readonly djoser: string; readonly gatepass: string; readonly why: string }>
> = {
  'One body for every token that is not good': {
    djoser: '400 `{"uid":["Invalid user id or user doesn\'t exist."]}` for an unknown account',
    gatepass: '400 `{"token":["Invalid token for given user."]}`',
    why: 'An unknown `uid` must not look different from a wrong token: ids could be counted.',
  },
  'An activation link succeeds again while it lives': {
    djoser: '403 `{"detail":"Stale token for given user."}`',
    gatepass: '204',
    why: 'Mail scanners and second clicks open links again; the address is confirmed, as the user wanted.',
  },
  '`resend_activation` is 204 for every address': {
    djoser: '400 for an account that is active or unknown',
    gatepass: '204',
    why: 'The response must not tell which addresses have an account.',
  },
  '`set_email` changes nothing before the new mailbox confirms': {
    djoser: '204, and the account has the new address at once',
    gatepass: '204; the address changes with `set_email_confirm`',
    why: 'Neither a stolen session nor a mistyped address may cost the owner the account.',
  },
  '`set_email` is 204 for an address that another account has': {
    djoser: '400 `{"new_email":[…]}`',
    gatepass: '204; the owner of the address gets a notice',
    why: 'The response must not tell which addresses have an account.',
  },
  'A weak new password is named in our words': {
    djoser: '400 `{"new_password":[…]}` with the words of its validators',
    gatepass: '400 `{"new_password":[…]}`; more passwords are refused',
    why: 'The policy is wider than Django’s; see security.md.',
  },
  '`reset_email` and `reset_email_confirm` are not there': {
    djoser: '204: a forgotten login name is replaced by mail',
    gatepass: '404',
    why: 'The login name is the address that the mail would go to.',
  },
  'A method that a route does not have is 405 for every caller': {
    djoser: '401 without an access token',
    gatepass: '405',
    why: 'The methods of a route do not depend on the caller.',
  },
  'Addresses are parsed strictly': {
    djoser: '204',
    gatepass: '400 `{"email":["Enter a valid email address."]}`',
    why: 'A quoted local part or an address literal can reach a different mailbox than it seems to.',
  },
  'A body may carry `email` and `code` in place of `uid` and `token`': {
    djoser: '400: `uid` and `token` are required',
    gatepass: '204, or 400 `{"code":["Invalid code for given user."]}`',
    why: 'A code can be typed on another device; it lives 10 minutes and 5 attempts.',
  },
};

const NEW_PASSWORD = 'granite otter parade 41';
const reset = (known: Known) => ({ ...known.link, new_password: NEW_PASSWORD });

/** In the order in which they are asked; mails come of some of them. */
export const CASES: readonly Case[] = [
  { name: 'a reset of a known address', path: 'reset_password', body: ({ email }) => ({ email }) },
  {
    name: 'a reset of an unknown address',
    path: 'reset_password',
    body: () => ({ email: 'nobody@example.com' }),
  },
  { name: 'a reset of no address', path: 'reset_password', body: () => ({ email: 'nobody' }) },
  { name: 'a reset without an address', path: 'reset_password', body: () => ({}) },
  { name: 'a reset of null', path: 'reset_password', body: () => ({ email: null }) },
  { name: 'a reset of an empty address', path: 'reset_password', body: () => ({ email: '' }) },
  {
    name: 'a reset by GET',
    path: 'reset_password',
    method: 'GET',
    difference: 'A method that a route does not have is 405 for every caller',
  },
  {
    name: 'a reset of a quoted local part',
    path: 'reset_password',
    body: () => ({ email: '"a b"@example.com' }),
    difference: 'Addresses are parsed strictly',
  },
  { name: 'a confirmation of nothing', path: 'reset_password_confirm', body: () => ({}) },
  {
    name: 'a confirmation without a password',
    path: 'reset_password_confirm',
    body: ({ link }) => link,
  },
  {
    name: 'a confirmation of null',
    path: 'reset_password_confirm',
    body: ({ link: { uid } }) => ({ uid, token: null, new_password: NEW_PASSWORD }),
  },
  {
    name: 'a confirmation for another account',
    path: 'reset_password_confirm',
    body: (known) => ({ ...reset(known), uid: 'OTk5OTk5' }),
    difference: 'One body for every token that is not good',
  },
  {
    name: 'a confirmation with a wrong token',
    path: 'reset_password_confirm',
    body: (known) => ({ ...reset(known), token: 'cdefgh-0123456789abcdef0123456789abcdef' }),
  },
  {
    name: 'a confirmation with a weak password',
    path: 'reset_password_confirm',
    body: ({ link }) => ({ ...link, new_password: '12345678' }),
    difference: 'A weak new password is named in our words',
  },
  {
    name: 'a confirmation with an empty password',
    path: 'reset_password_confirm',
    body: ({ link }) => ({ ...link, new_password: '' }),
  },
  {
    name: 'a confirmation by code',
    path: 'reset_password_confirm',
    body: ({ email }) => ({ email, code: '00000000', new_password: NEW_PASSWORD }),
    difference: 'A body may carry `email` and `code` in place of `uid` and `token`',
  },
  { name: 'a confirmation', path: 'reset_password_confirm', body: reset },
  { name: 'the same confirmation again', path: 'reset_password_confirm', body: reset },
  {
    name: 'a reset of the old address in capitals',
    path: 'reset_password',
    body: ({ email }) => ({ email: email.toUpperCase() }),
  },
  { name: 'an activation of nothing', path: 'activation', body: () => ({}) },
  {
    name: 'an activation with a wrong token',
    path: 'activation',
    body: ({ link: { uid } }) => ({ uid, token: 'wrong' }),
  },
  {
    name: 'another activation mail for an active account',
    path: 'resend_activation',
    body: ({ email }) => ({ email }),
    difference: '`resend_activation` is 204 for every address',
  },
  {
    name: 'another activation mail for an unknown address',
    path: 'resend_activation',
    body: () => ({ email: 'nobody@example.com' }),
    difference: '`resend_activation` is 204 for every address',
  },
  {
    name: 'another activation mail without an address',
    path: 'resend_activation',
    body: () => ({}),
  },
  { name: 'set_password without a token', path: 'set_password', body: () => ({}) },
  { name: 'set_password of nothing', path: 'set_password', isBearer: true, body: () => ({}) },
  {
    name: 'set_password with a wrong password',
    path: 'set_password',
    isBearer: true,
    body: () => ({ current_password: 'not this otter 9', new_password: NEW_PASSWORD }),
  },
  {
    name: 'set_password with a weak password',
    path: 'set_password',
    isBearer: true,
    body: ({ password }) => ({ current_password: password, new_password: '12345678' }),
    difference: 'A weak new password is named in our words',
  },
  { name: 'set_email without a token', path: 'set_email', body: () => ({}) },
  { name: 'set_email of nothing', path: 'set_email', isBearer: true, body: () => ({}) },
  {
    name: 'set_email with a wrong password',
    path: 'set_email',
    isBearer: true,
    body: () => ({ new_email: 'new@example.com', current_password: 'not this otter 9' }),
  },
  {
    name: 'set_email to an address that another account has',
    path: 'set_email',
    isBearer: true,
    body: ({ password }) => ({ new_email: 'taken@example.com', current_password: password }),
    difference: '`set_email` is 204 for an address that another account has',
  },
  {
    name: 'set_email',
    path: 'set_email',
    isBearer: true,
    body: ({ password }) => ({ new_email: 'new@example.com', current_password: password }),
    difference: '`set_email` changes nothing before the new mailbox confirms',
  },
  {
    name: 'a reset of the address of a login',
    path: 'reset_email',
    body: ({ email }) => ({ email }),
    difference: '`reset_email` and `reset_email_confirm` are not there',
  },
];

/** Of an account that waits for its confirmation. */
export const ACTIVATION: readonly Case[] = [
  {
    name: 'another activation mail',
    path: 'resend_activation',
    body: ({ email }) => ({ email }),
  },
  { name: 'an activation', path: 'activation', body: ({ link }) => link },
  {
    name: 'the same activation again',
    path: 'activation',
    body: ({ link }) => link,
    difference: 'An activation link succeeds again while it lives',
  },
];
