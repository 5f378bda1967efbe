/** Who a token or a login speaks for. */
import { type Difference, named } from '../difference.ts';
import { always, tokenRefused } from '../expected.ts';

export const accounts: readonly Difference[] = [
  {
    id: 'user-id-is-canonical',
    title: '`user_id` must be a positive integer or its plain decimal string',
    contract: '§3.2',
    why: 'Django\'s int() also takes `" 1 "`, `true`, `1.7` and Unicode digits, and fails with a 500 on the rest. No account has such an id.',
    cases: named(
      'me/tok-user_id-',
      'string-padded',
      'string-word',
      'empty-string',
      'object',
      'unicode-digits',
    ),
    ours: always(401, { detail: 'User not found', code: 'user_not_found' }),
  },
  {
    id: 'refresh-knows-the-user',
    title: 'Refresh refuses a token of a user who does not exist',
    contract: '§3.1',
    why: 'SimpleJWT copies any `user_id` into a new access token without reading the account.',
    cases: named(
      'refresh/tok-user_id-',
      ...['null', 'string-padded', 'empty-string', 'false', 'zero', 'huge', 'email'],
      ...['float-frac', 'true', 'negative', 'list'],
    ),
    ours: tokenRefused('user_not_found'),
  },
  {
    id: 'refresh-names-the-user',
    title: 'Refresh refuses a token without `user_id`',
    contract: '§3.1',
    why: 'The words are those of SimpleJWT for such a token at a Bearer route.',
    cases: ['refresh/tok-user_id-missing'],
    ours: tokenRefused('missing_user', 'Token contained no recognizable user identification'),
  },
  {
    id: 'disabled-user',
    title: 'Refresh refuses a disabled user',
    contract: '§3.1, TC11',
    why: 'SimpleJWT keeps issuing access tokens until the refresh token expires (CVE-2024-22513).',
    cases: ['state/inactive-refresh'],
    ours: tokenRefused('user_inactive'),
  },
  {
    id: 'verify-knows-the-user',
    title: 'Verify refuses tokens of a disabled or deleted user',
    contract: '§3.1',
    why: 'Their sessions end with the account, and verify honours ended sessions. SimpleJWT checks only the token.',
    cases: named('state/', 'inactive-verify-access', 'deleted-verify-access'),
    ours: tokenRefused('revoked', 'Token is blacklisted'),
  },
  {
    id: 'disabling-ends-sessions',
    title: 'A user who is enabled again must log in again',
    contract: '§3.1',
    why: 'Disabling ended the sessions for good. SimpleJWT accepts the old tokens again.',
    cases: ['state/reactivated-me'],
    ours: tokenRefused('revoked', 'Token is blacklisted'),
  },
  {
    id: 'password-change',
    title: 'Tokens from before a change of password are refused',
    contract: '§3.1',
    why: 'A user who changes a leaked password wants the thief out now. The response to the change has the tokens of a new session.',
    cases: named('state/pwchange-', 'verify', 'old-refresh', 'old-access-me'),
    ours: tokenRefused('revoked', 'Token is blacklisted'),
  },
  {
    id: 'email-is-canonical',
    title: 'An e-mail address is one account, whatever its case',
    contract: '§3.4, LE12',
    why: 'People do not remember how they capitalised their address; Django compares the local part with its case.',
    cases: named('obtain/', 'email-upper-local', 'mixed-all-lower'),
    ours: always(200, { refresh: '<jwt>', access: '<jwt>' }),
  },
];
