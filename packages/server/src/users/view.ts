import { object } from '../http/openapi/fields.ts';

/** What a client may see of an account; responses are serialised from this list alone. */
export const userView = object({ id: { type: 'integer' }, email: { type: 'string' } });
