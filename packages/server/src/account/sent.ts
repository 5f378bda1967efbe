import { Refusal } from '../errors.ts';

/** The texts of a form that was sent; a password may be in it, so it is shown again without one. */
export type Sent = Readonly<Record<string, string>>;

/** @throws {Refusal} where the body could not be read */
export function sentIn(body: unknown): Sent {
  if (body instanceof Refusal) throw body;
  if (typeof body !== 'object' || body === null) return {};
  return Object.fromEntries(Object.entries(body).filter(([, value]) => isText(value)));
}

/** No field of a page has a null character, which PostgreSQL cannot store. */
const isText = (value: unknown) => typeof value === 'string' && !value.includes('\0');
