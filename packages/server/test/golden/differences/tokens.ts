/** Which tokens are believed. */
import { type Difference, named } from '../difference.ts';
import { tokenRefused } from '../expected.ts';

export const tokens: readonly Difference[] = [
  {
    id: 'one-spelling',
    title: 'A token has one spelling: padding, foreign characters and unused bits are refused',
    contract: '§3.3, TF20',
    why: 'A token that can be respelled cannot be revoked, cached or counted by its text. PyJWT skips what is not base64.',
    cases: [
      ...named('verify/tok-sig-', 'pad-5', 'junk-4-chars'),
      ...named('refresh/tok-', 'non-ascii-in-sig', 'sig-last-char-unused-bits'),
      ...named('refresh/tok-', 'payload-padded-resigned', 'newline-in-payload-resigned'),
      ...named('me/tok-', 'non-ascii-in-sig', 'sig-pad-2', 'sig-pad-5', 'sig-junk-4-chars'),
    ],
    ours: tokenRefused('malformed'),
  },
  {
    id: 'token-as-sent',
    title: 'White space around a token is not trimmed',
    contract: '§3.4',
    why: 'Tokens are taken exactly as sent, so that every reader of a request sees the same token.',
    cases: ['refresh/tok-surrounding-whitespace'],
    ours: tokenRefused('malformed'),
  },
  {
    id: 'token-is-utf8',
    title: 'The JSON inside a token is UTF-8 without a byte order mark',
    contract: '§3.3, TF21',
    why: "RFC 7519 allows no other encoding; Python's json.loads guesses UTF-16 and UTF-32.",
    cases: [
      'verify/tok-header-utf16',
      ...named('refresh/tok-', 'header-bom', 'payload-utf16', 'payload-bom'),
    ],
    ours: tokenRefused('malformed'),
  },
  {
    id: 'token-is-json',
    title: '`NaN` and `Infinity` inside a token are refused',
    contract: '§3.2',
    why: 'They are not JSON, although Python reads them; as a time they make SimpleJWT return 500.',
    cases: [
      ...named('verify/tok-', 'user_id-NaN'),
      ...named('refresh/tok-', 'user_id-NaN'),
      ...named('me/tok-', 'exp-Infinity', 'iat-Infinity'),
    ],
    ours: tokenRefused('malformed'),
  },
  {
    id: 'duplicate-members',
    title: 'A token that names a member twice is refused',
    contract: '§3.3, TF21',
    why: 'Two readers may choose different values, even of `alg`.',
    cases: [
      'verify/tok-payload-duplicate-exp-last-good',
      ...named('refresh/tok-', 'alg-duplicate-last-HS256', 'payload-duplicate-exp-last-good'),
      'me/tok-alg-duplicate-last-HS256',
    ],
    ours: tokenRefused('malformed'),
  },
  {
    id: 'unknown-kid',
    title: 'A `kid` in the header must name a key of ours',
    contract: 'TF11',
    why: 'The `kid` is looked up among our keys and nowhere else; a token for an unknown key is refused, whatever its signature. SimpleJWT ignores `kid` with a shared secret.',
    cases: [
      ...named('verify/tok-', 'header-kid-number'),
      ...named('refresh/tok-', 'header-kid-number'),
      'me/tok-header-kid',
    ],
    ours: tokenRefused('unknown_key'),
  },
  {
    id: 'times-are-numbers',
    title: '`exp`, `iat` and `nbf` must be numbers',
    contract: '§3.2, TF22',
    why: 'RFC 7519 says NumericDate. SimpleJWT reads `nbf: "123"` as a number and returns 500 for most other types.',
    cases: [
      ...named(
        'verify/tok-',
        'exp-null',
        'exp-string-number',
        'nbf-string-number-past',
        'nbf-list',
      ),
      ...named('refresh/tok-', 'exp-empty-list', 'iat-list', 'nbf-string-number-past', 'nbf-list'),
      ...named('me/tok-', 'exp-null', 'exp-string-number', 'exp-list', 'nbf-null'),
    ],
    ours: tokenRefused('malformed'),
  },
  {
    id: 'exp-is-a-date',
    title: 'An `exp` after the year 9999 is refused',
    contract: '§3.2, TF22',
    why: 'Most libraries, that of Python included, cannot represent such a date: SimpleJWT returns 500.',
    cases: [...named('refresh/tok-', 'exp-1e15', 'exp-1e400'), 'me/tok-exp-2^63'],
    ours: tokenRefused('malformed'),
  },
  {
    id: 'jti-is-a-string',
    title: '`jti` must be a string',
    contract: '§3.2',
    why: 'RFC 7519 says so, and a token id of another type cannot be looked up safely.',
    cases: [...named('refresh/tok-', 'jti-number', 'jti-list'), 'me/tok-jti-object'],
    ours: tokenRefused('malformed'),
  },
];
