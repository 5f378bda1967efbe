/** Writes docs/differences-from-simplejwt.md from the table of differences. */
import { writeFileSync } from 'node:fs';
import type { Difference } from './difference.ts';
import { ALLOW_OF_ME, differences, REASON, themes } from './differences.ts';
import { about, changes } from './newer.ts';
import { goldenCases } from './sample.ts';

export const DOCUMENT = new URL('../../../../docs/differences-from-simplejwt.md', import.meta.url);
export const REGENERATE = 'node packages/server/test/golden/document.ts';

/** What no single recorded answer can show. */
const BEYOND_THE_SAMPLE: readonly (readonly [title: string, text: string, contract: string])[] = [
  [
    'Sessions',
    'A login opens a session, which its tokens name in `sid`. Once it has ended, verify, refresh and Bearer routes return 401 for all its tokens, access tokens included; SimpleJWT returns 400 for a blacklisted token at verify, and ends an access token only by `exp`. Disabling or deleting a user, and a new password, end the sessions of the account: at once in the process that handles the request, and within a second in all others.',
    '§3.1',
  ],
  [
    'Logout',
    "`POST /api/token/blacklist`, SimpleJWT's own path, ends the session of the refresh token, and with it the access tokens. In SimpleJWT those live until they expire. A second logout gets 200; SimpleJWT says `Token is blacklisted`.",
    '§3.1',
  ],
  [
    'Rotation',
    'With `GATEPASS_ROTATE_REFRESH_TOKENS=true` refresh returns `access` and `refresh`, as with `ROTATE_REFRESH_TOKENS`. Requests that race with one refresh token all get the same successor, and for 10 seconds the successor itself gets no newer one; SimpleJWT with `BLACKLIST_AFTER_ROTATION` logs the second tab out. A token that is older than the predecessor of the newest gets the response that SimpleJWT gives every spent token, `Token is blacklisted`, with the `reason` `reused`, and ends the session for all its holders. That is why the recorded `rotate/reuse-old` is sent after two rotations; after one, it gets the successor.',
    '§3.1',
  ],
  [
    'Tokens without `sid`',
    'Tokens of another issuer under the same secret, such as the Django backend before the move, are refused with the `reason` `no_session` unless `GATEPASS_ACCEPT_SESSIONLESS_TOKENS=true`, the setting under which the recordings are replayed. A new password, and disabling or deleting the user, void the tokens issued before; verify remembers that for 30 days.',
    '§3.1',
  ],
  [
    'Clock skew',
    'A token is expired from the second in `exp` on. `iat` and `nbf` may be 5 seconds in the future, because the clocks of servers differ.',
    'TF23',
  ],
  [
    'Types of token',
    'Verify accepts access and refresh tokens, and those without `token_type`; every other type is refused with `Token has wrong type`. A token without `jti` is refused at refresh, where SimpleJWT with its blacklist returns 500.',
    'TC04',
  ],
  [
    'Header extensions',
    'A token with `crit` or `b64` in its header is refused. `jku`, `jwk`, `x5u` and `x5c` are never followed.',
    '§3.3',
  ],
  [
    'Claims',
    'After the five claims of SimpleJWT come `sub` (the user id as a string), `sid` (the session), `gen` in refresh tokens that rotate, and `iss` and `aud` when they are configured. In refresh tokens `aud` has `#refresh` appended, so that libraries which check it refuse them, as SimpleJWT with `AUDIENCE` does. Read the claims that you know and ignore others. A refreshed access token has its own `iat` and is made from the account: unknown claims of the refresh token are not copied.',
    '§3.7',
  ],
  [
    'Passwords',
    "Passwords are taken exactly as sent, never trimmed, and normalised by NFKC before they are hashed. New ones have at most 128 characters. More passwords than in Django are too common: Django's list is part of a longer one, and a common word stays common with the usual digits and symbols around it (`P@ssw0rd123!`). A password of digits only is refused up to 19 digits; Django refuses any number of digits.",
    '§3.4',
  ],
  [
    'E-mail addresses',
    'White space around an address is dropped, as Django drops it; invisible characters inside are refused. Addresses with quotes or an IP address, which Django takes, cannot be registered. International domains equal their ASCII form. `localhost`, top-level domains of digits and local parts of more than 64 characters are refused too; more than 254 characters are `Enter a valid email address.`, as for every other fault. Only a request with an allowed password learns whether an address is taken, and no more often than the limit of registrations allows; Django reports it beside the faults of `password`.',
    '§3.4',
  ],
  [
    'Odd JSON',
    'A body that is `1.0` or `1e2` is called an `int`, as JavaScript reads it, not a `float`. A lone surrogate in an address at login or in a token has no error of its own (`Surrogate characters are not allowed`): no account has such an address, and no token contains one.',
    '§2',
  ],
  [
    'Limits',
    'Bodies 16 KiB (413), headers 16 KiB and 100 in number (431), tokens 8192 characters and 32 levels of JSON (401), 10 seconds for a request to arrive (408).',
    '§3.5',
  ],
  [
    'Overload and outages',
    'When the database cannot be reached, or too many passwords wait to be hashed, the response is 503 with `Retry-After`. Any other failure is a 500 in JSON with a `request_id` to look up in the log.',
    '§3.6',
  ],
  [
    'Languages',
    'Messages are English, or Russian where `Accept-Language` prefers it. `code` and `reason` never change.',
    '§3.9',
  ],
  [
    'Layout',
    'JSON is always compact: `Accept: application/json; indent=4` is accepted and changes nothing.',
    '§2',
  ],
];

export function renderDocument(): string {
  const shown = goldenCases.filter(({ name }) =>
    differences.some(({ cases }) => cases.includes(name)),
  ).length;
  return `${[
    '# Differences from SimpleJWT',
    `<!-- Made from packages/server/test/golden/differences.ts by: ${REGENERATE} -->`,
    'This page is for projects that move from Django REST Framework with SimpleJWT. A client written for that backend works with Gatepass unchanged: paths, bodies, status codes, error bodies and claims are the same. The tables list every deliberate exception.',
    `The tables are a test: ${goldenCases.length} requests recorded from SimpleJWT 5.2.2 are sent to Gatepass again, with \`GATEPASS_ROTATE_REFRESH_TOKENS\` where they were recorded with \`ROTATE_REFRESH_TOKENS\`. ${shown} show a difference of the tables below; the others get SimpleJWT's response, apart from \`${REASON.id}\` and one \`Allow\`. "§" and ids such as TF20 name the requirement behind a difference.`,
    `**${REASON.title}.** ${REASON.why} It stands beside \`code\` in the body of a 401 whose \`code\` is \`token_not_valid\`: \`expired\`, \`malformed\`, \`bad_signature\`, \`wrong_type\`, \`revoked\` and others. It never contains a part of the token. (${REASON.contract})`,
    `**${ALLOW_OF_ME.title}.** ${ALLOW_OF_ME.why} (${ALLOW_OF_ME.contract})`,
    ...Object.entries(themes).flatMap(([theme, entries]) => [`## ${theme}`, tableOf(entries)]),
    '## Where SimpleJWT 5.5 differs from 5.2',
    `${about} Both give the other requests of the sample the same response. Gatepass responds as 5.2 does, or as a table above says, so a client written for 5.5 sees the differences below. In the most frequent one 5.5 says \`Token is invalid\` or \`Token is expired\` where 5.2 says \`Token is invalid or expired\`; \`code\` is the same. Also, 5.5 writes \`user_id\` as a string and 5.2 as a number: Gatepass writes a number, and reads both.`,
    tableOfChanges(),
    '## What the recorded responses do not show',
    BEYOND_THE_SAMPLE.map(
      ([title, text, contract]) => `- **${title}.** ${text} (${contract})`,
    ).join('\n'),
  ].join('\n\n')}\n`;
}

const tableOfChanges = () =>
  [
    '| requests | SimpleJWT 5.2 | SimpleJWT 5.5 | Gatepass |',
    '|---|---|---|---|',
    ...changes().map(({ names, was, is, ours }) => {
      const more = names.length > 3 ? ` and ${names.length - 3} more` : '';
      const shown = names
        .slice(0, 3)
        .map((name) => `\`${name}\``)
        .join(', ');
      return `| ${shown}${more} | ${was} | ${is} | ${ours} |`;
    }),
  ].join('\n');

const tableOf = (entries: readonly Difference[]) =>
  [
    '| difference | SimpleJWT | Gatepass | why |',
    '|---|---|---|---|',
    ...entries.map(
      (entry) =>
        `| ${entry.title} | ${statuses(entry, 'SimpleJWT')} | ${statuses(entry, 'Gatepass')} | ${entry.why} (${entry.contract}) |`,
    ),
  ].join('\n');

function statuses({ cases, ours }: Difference, whose: 'SimpleJWT' | 'Gatepass'): string {
  const answers = goldenCases
    .filter(({ name }) => cases.includes(name))
    .map((golden) => (whose === 'Gatepass' ? ours(golden).status : golden.response.status));
  return [...new Set(answers)].sort((a, b) => a - b).join(', ');
}

if (import.meta.main) writeFileSync(DOCUMENT, renderDocument());
