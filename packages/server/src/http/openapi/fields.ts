/** JSON Schemas of flat bodies, and their types: one description validates, serialises, documents. */

type Property = { readonly type: string | readonly string[]; readonly [keyword: string]: unknown };

/** An object with these properties, all present; `Name` types the body that passed it. */
export type ObjectSchema<Name extends string = string> = {
  readonly type: 'object';
  readonly required: readonly Name[];
  readonly properties: Readonly<Record<Name, Property>>;
  /** Where one of two groups of fields must be there: which one it is, and its fields. */
  readonly if?: object;
  readonly then?: Group;
  readonly else?: Group;
};

type Group = { readonly required: readonly string[] };

export const object = <Name extends string>(
  properties: Readonly<Record<Name, Property>>,
): ObjectSchema<Name> => ({
  type: 'object',
  required: Object.keys(properties) as Name[],
  properties,
});

/** The same with properties that may be absent. */
export const withOptional = <Name extends string, More extends string>(
  { required, properties, ...rest }: ObjectSchema<Name>,
  more: Readonly<Record<More, Property>>,
) => ({ ...rest, required, properties: { ...properties, ...more } });

/** Fields that a request may leave out, its whole body included. */
export type OptionsSchema = {
  readonly type: readonly ['object', 'null'];
  readonly required: readonly [];
  readonly properties: Readonly<Record<string, Property>>;
};

export const options = (properties: Readonly<Record<string, Property>>): OptionsSchema => ({
  type: ['object', 'null'],
  required: [],
  properties,
});

// Python's str.strip() decides what the contract calls blank: JavaScript's \s, the separators
// U+001C–U+001F and NEL, without U+FEFF.
const NOT_BLANK = '[^\\s\\x1c-\\x1f\\x85]|\\ufeff';

/** A field of a request: a string that is not blank and holds no NUL; taken as sent, never trimmed. */
export const requiredText = (example: string): Property => ({
  type: 'string',
  pattern: NOT_BLANK,
  not: { pattern: '\\u0000' },
  examples: [example],
});

/** The same in a form of its feature's own. */
export const requiredFormat = (format: string, example: string): Property => ({
  ...requiredText(example),
  format,
});
