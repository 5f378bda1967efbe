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
    'A login opens a session, which its tokens name in `sid`. Once it has ended, verify, refresh and Bearer routes answer 401 to all its tokens, access tokens included; SimpleJWT answers 400 to a blacklisted token at verify, and knows no end of an access token but `exp`. Disabling or deleting a user, and a new password, end the sessions of the account. An end counts at once in the process that made it, and within a second in all others.',
    '§3.1',
  ],
  [
    'Logout',
    "`POST /api/token/blacklist`, SimpleJWT's own path, ends the session of the refresh token: its access tokens die too. In SimpleJWT they live until they expire. Logging out twice is 200; SimpleJWT says `Token is blacklisted` the second time.",
    '§3.1',
  ],
  [
    'Rotation',
    'With `GATEPASS_ROTATE_REFRESH_TOKENS=true` refresh answers `access` and `refresh`, as with `ROTATE_REFRESH_TOKENS`. Requests that race with one refresh token all get the same successor, which is answered with itself for 10 seconds; SimpleJWT with `BLACKLIST_AFTER_ROTATION` logs the second tab out. A token that is older than the predecessor of the newest is answered as SimpleJWT answers every spent one, `Token is blacklisted`, with the `reason` `reused`, and the session ends for all who hold it. For that the recorded `rotate/reuse-old` is sent after two rotations; after one, it gets the successor.',
    '§3.1',
  ],
  [
    'Tokens without `sid`',
    'Those of another issuer under the same secret, such as the Django backend before the move, are refused with the `reason` `no_session` unless `GATEPASS_ACCEPT_SESSIONLESS_TOKENS=true`, as it is where the recordings are replayed. A new password, and disabling or deleting the user, void those issued before; verify remembers that for 30 days.',
    '§3.1',
  ],
  [
    'Clock skew',
    'A token is void from the second in `exp` on. `iat` and `nbf` may be 5 seconds in the future, for the sake of servers whose clocks differ.',
    'TF23',
  ],
  [
    'Types of token',
    'Verify accepts access and refresh tokens, and those without `token_type`; every other type is refused with `Token has wrong type`. A token without `jti` is refused at refresh, where SimpleJWT with its blacklist answers 500.',
    'TC04',
  ],
  [
    'Header extensions',
    'A token with `crit` or `b64` in its header is refused. `jku`, `jwk`, `x5u` and `x5c` are never followed.',
    '§3.3',
  ],
  [
    'Claims',
    'After the five of SimpleJWT come `sub`, the user id as a string, `sid`, the session, `gen` in refresh tokens that rotate, and `iss` and `aud` when they are configured (in refresh tokens `aud` has `#refresh` appended, so that libraries which check it refuse them; SimpleJWT with `AUDIENCE` does too); read the claims that you know and ignore others. A refreshed access token has its own `iat`, and is made from the account: claims of the refresh token that are not ours are not copied.',
    '§3.7',
  ],
  [
    'Passwords',
    "Taken exactly as sent, never trimmed, and normalised by NFKC before they are hashed. New ones have at most 128 characters. More of them than in Django are called too common: Django's list is part of a longer one, and a common word stays common with the usual digits and symbols around it (`P@ssw0rd123!`). Digits alone are refused up to 19 of them; Django refuses any number.",
    '§3.4',
  ],
  [
    'E-mail addresses',
    'White space around an address is dropped, as Django drops it; invisible characters inside are refused. Addresses with quotes or an IP address, which Django takes, cannot be registered. International domains equal their ASCII form. `localhost`, top-level domains of digits and local parts of more than 64 characters are refused too; more than 254 characters are `Enter a valid email address.`, as for every other fault. Whether an address is taken is said only to a request whose password is allowed, and as often as the limit of registrations lets through; Django says it beside the faults of `password`.',
    '§3.4',
  ],
  [
    'Odd JSON',
    'A body that is `1.0` or `1e2` is called an `int`, as JavaScript reads it, not a `float`. A lone surrogate in an address at login or in a token is no fault of its own (`Surrogate characters are not allowed`): no account has such an address, and no token.',
    '§2',
  ],
  [
    'Limits',
    'Bodies 16 KiB (413), headers 16 KiB and 100 in number (431), tokens 8192 characters and 32 levels of JSON (401), 10 seconds for a request to arrive (408).',
    '§3.5',
  ],
  [
    'Overload and outages',
    'When the database cannot be reached, or too many passwords wait to be hashed, the answer is 503 with `Retry-After`. What is left is a 500 in JSON with a `request_id` to look up in the log.',
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
    'For people who leave Django REST Framework with SimpleJWT. A client written for that backend works against Gatepass unchanged: paths, bodies, status codes, error bodies and claims are the same. Here is where they are not, on purpose.',
    `The tables are a test: ${goldenCases.length} requests recorded from SimpleJWT 5.2.2 are sent to Gatepass again, those of a backend with \`ROTATE_REFRESH_TOKENS\` to one with \`GATEPASS_ROTATE_REFRESH_TOKENS\`. ${shown} show a difference of the tables below; the others are answered as SimpleJWT answered them, apart from \`${REASON.id}\` and one \`Allow\`. "§" and ids such as TF20 name the requirement behind a difference.`,
    `**${REASON.title}.** ${REASON.why} It stands beside \`code\` in the body of a 401 whose \`code\` is \`token_not_valid\`: \`expired\`, \`malformed\`, \`bad_signature\`, \`wrong_type\`, \`revoked\` and so on. It never holds a part of the token. (${REASON.contract})`,
    `**${ALLOW_OF_ME.title}.** ${ALLOW_OF_ME.why} (${ALLOW_OF_ME.contract})`,
    ...Object.entries(themes).flatMap(([theme, entries]) => [`## ${theme}`, tableOf(entries)]),
    '## Where SimpleJWT 5.5 differs from 5.2',
    `${about} The other requests of the sample are answered alike by both. Gatepass answers as 5.2 does, or as a table above says; a client that was written for 5.5 sees these. In the most frequent one 5.5 says \`Token is invalid\` or \`Token is expired\` where 5.2 says \`Token is invalid or expired\`; \`code\` is the same. Besides, 5.5 writes \`user_id\` as a text and 5.2 as a number: Gatepass writes a number, and reads both.`,
    tableOfChanges(),
    '## What the recorded answers do not show',
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
