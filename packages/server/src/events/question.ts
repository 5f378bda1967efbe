/** The query of a request for events, for the page and the stream. */
import { invalidFields, Refusal } from '../errors.ts';
import type { RequestView } from '../http/action.ts';
import { notAChoice } from '../http/refusals.ts';
import { EVENT_TYPES, type EventType, readTypes } from './event.ts';
import { type EventPage, MAX_PAGE } from './events.ts';
import { EVENTS_GONE } from './refusals.ts';

export const QUERY = {
  after: {
    description: '`seq` of the last event that is known, or `next` of the last page',
    schema: { type: 'integer', minimum: 0, default: 0 },
  },
  types: {
    description: `Of these types alone, separated by commas: ${EVENT_TYPES.join(', ')}`,
    schema: { type: 'string' },
  },
} as const;

export const LIMIT = {
  description: 'Events of a page at most',
  schema: { type: 'integer', minimum: 1, maximum: MAX_PAGE, default: MAX_PAGE },
} as const;

const refuse = (field: string, value: string) => invalidFields({ [field]: [notAChoice(value)] });

/** @throws {Refusal} `invalid_fields` */
export function numberOf(field: string, given: string, least: number, most: number): number {
  const value = /^\d{1,16}$/.test(given) ? Number(given) : -1;
  if (value < least || value > most) throw refuse(field, given);
  return value;
}

/** @throws {Refusal} `invalid_fields` */
export function typesOf(request: Pick<RequestView, 'query'>): readonly EventType[] | undefined {
  const given = request.query('types');
  if (given === undefined) return undefined;
  const types = readTypes(given.split(','));
  if (!types) throw refuse('types', given);
  return types;
}

/** @throws {Refusal} `events_gone` */
export function readable(page: EventPage): Extract<EventPage, { state: 'read' }> {
  if (page.state === 'read') return page;
  const { oldest, newest } = page;
  throw new Refusal(EVENTS_GONE, { fieldsBeside: { oldest, newest } });
}
