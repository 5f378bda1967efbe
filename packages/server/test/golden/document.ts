/** Writes docs/differences-from-simplejwt.md from the table of differences. */
import { writeFileSync } from 'node:fs';
import type { Difference } from './difference.ts';
import { differences, REASON, themes } from './differences.ts';
import { goldenCases } from './sample.ts';

export const DOCUMENT = new URL('../../../../docs/differences-from-simplejwt.md', import.meta.url);
export const REGENERATE = 'node packages/server/test/golden/document.ts';

/** What no single recorded answer can show. */
const BEYOND_THE_SAMPLE: readonly (readonly [title: string, text: string, contract: string])[] = [
  [
    'The state of the account',
    'Refresh and Bearer routes read the account on every request: a disabled or deleted user, or a changed password, ends the use of all tokens at once. Verify looks at the token alone so far, as in SimpleJWT.',
    '§3.1',
  ],
  [
    'Clock skew',
    'A token is void from the second in `exp` on. `iat` and `nbf` may be 5 seconds in the future, for the sake of servers whose clocks differ.',
    'TF23',
  ],
  [
    'Types of token',
    'Verify accepts access and refresh tokens, and those without `token_type`; every other type is refused with `Token has wrong type`.',
    'TC04',
  ],
  [
    'Header extensions',
    'A token with `crit` or `b64` in its header is refused. `jku`, `jwk`, `x5u` and `x5c` are never followed.',
    '§3.3',
  ],
  [
    'Claims',
    'After the five of SimpleJWT comes `sub`, the user id as a string, and `iss` and `aud` when they are configured; read the claims that you know and ignore others. A refreshed access token has its own `iat`, and is made from the account: claims of the refresh token that are not ours are not copied.',
    '§3.7',
  ],
  [
    'Passwords',
    'Taken exactly as sent, never trimmed, and normalised by NFKC before they are hashed. New ones have at most 128 characters.',
    '§3.4',
  ],
  [
    'E-mail addresses',
    'White space around an address is dropped. Addresses with quotes or an IP address, which Django takes, cannot be registered. International domains equal their ASCII form.',
    '§3.4',
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
    `The tables are a test: ${goldenCases.length} requests recorded from SimpleJWT 5.2.2 are sent to Gatepass again, but for the few that need the rotation of refresh tokens, which is not built yet. ${shown} show a difference of the tables below; the others are answered as SimpleJWT answered them, apart from \`${REASON.id}\`. "§" and ids such as TF20 name the requirement behind a difference.`,
    `**${REASON.title}.** ${REASON.why} It stands beside \`code\` in the body of a 401 whose \`code\` is \`token_not_valid\`: \`expired\`, \`malformed\`, \`bad_signature\`, \`wrong_type\`, \`revoked\` and so on. It never holds a part of the token. (${REASON.contract})`,
    ...Object.entries(themes).flatMap(([theme, entries]) => [`## ${theme}`, tableOf(entries)]),
    '## What the recorded answers do not show',
    BEYOND_THE_SAMPLE.map(
      ([title, text, contract]) => `- **${title}.** ${text} (${contract})`,
    ).join('\n'),
  ].join('\n\n')}\n`;
}

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
