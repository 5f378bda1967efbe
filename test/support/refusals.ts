/** Messages of refusals, for comparison with the pages. */
import { Refusal, type RefusalKind } from '../../packages/server/src/errors.ts';
import { INTERNAL_ERROR } from '../../packages/server/src/http/refusals.ts';
import { responseTo } from '../../packages/server/src/http/response/refusal.ts';
import { REASONS } from '../../packages/server/src/token/reasons.ts';
import { REFUSALS } from '../../scripts/errors-page.ts';

export const refusalCodes = Object.keys(REFUSALS);

/** What the examples of the pages fill sentences with. */
const VALUES = {
  got: 'list',
  method: 'GET',
  mediaType: 'text/plain',
  limit: 16_384,
  seconds: 540,
};
const WHAT: Readonly<Record<string, string>> = {
  parse_error: 'the body is not valid JSON',
  multipart_parse_error: 'the body is malformed',
};

const detailOf = (kind: RefusalKind, language: 'en' | 'ru') => {
  const values = { ...VALUES, what: WHAT[kind.code] ?? 'more than one host header' };
  const { body } = responseTo(new Refusal(kind, { values }), language);
  return (body as { detail?: string }).detail;
};

/** Every `detail` that the service can say, in both languages. */
export const allDetails = (): Set<string | undefined> =>
  new Set(
    (['en', 'ru'] as const).flatMap((language) => [
      INTERNAL_ERROR[language],
      ...Object.values(REFUSALS).map((kind) => detailOf(kind, language)),
      ...Object.values(REASONS).map((reason) => reason[language]),
    ]),
  );
