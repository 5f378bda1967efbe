/** Literal JSON Schemas: one description for checks, types, serialisation and documentation. */
import type { FromSchema, JSONSchema } from 'json-schema-to-ts';

/** An object with a name, under which the OpenAPI document lists it. Write it `as const`. */
export type ObjectSchema = {
  readonly title: string;
  /** With `null`, a request may leave its body out. */
  readonly type: 'object' | readonly ['object', 'null'];
  readonly required?: readonly string[];
  readonly properties: Readonly<Record<string, object>>;
  readonly additionalProperties?: boolean | object;
  /** If one of two groups of fields is required: which one, and its fields. */
  readonly if?: object;
  readonly then?: Group;
  readonly else?: Group;
  readonly description?: string;
};

type Group = { readonly required: readonly string[] };

/** The value that a schema describes. */
export type Described<Schema extends ObjectSchema> = Schema extends JSONSchema
  ? FromSchema<Schema>
  : never;

export const text = { type: 'string' } as const;

// Python's str.strip() decides what the contract calls blank: JavaScript's \s, the separators
// U+001C–U+001F and NEL, without U+FEFF.
const NOT_BLANK = '[^\\s\\x1c-\\x1f\\x85]|\\ufeff';

/** A field of a request: a string that is not blank and holds no NUL; taken as sent, never trimmed. */
export const requiredText = (example: string) =>
  ({
    type: 'string',
    pattern: NOT_BLANK,
    not: { pattern: '\\u0000' },
    examples: [example],
  }) as const;

/** The same, with a format that its feature defines. */
export const requiredFormat = (format: string, example: string) =>
  ({ ...requiredText(example), format }) as const;

export const NOTHING = {
  title: 'Nothing',
  type: 'object',
  properties: {},
  additionalProperties: false,
} as const satisfies ObjectSchema;
