/** Ajv's findings in Django REST Framework's terms: the faults of all fields at once. */

import type { FastifySchemaValidationError } from 'fastify';
import { type FieldFault, invalidFields, Refusal } from '../../errors.ts';
import type { ObjectSchema } from '../openapi/schema.ts';
import {
  BLANK,
  EMAIL_INVALID,
  NOT_A_DICTIONARY,
  NOT_A_STRING,
  NOT_AN_OBJECT,
  NULL,
  NULL_CHARACTERS,
  REQUIRED,
} from '../refusals.ts';

type Finding = FastifySchemaValidationError & { data?: unknown };

/** Ajv must report all faulty fields with their values, and never repair a body. */
export const AJV_OPTIONS = {
  allErrors: true,
  verbose: true,
  coerceTypes: false,
  removeAdditional: false,
  useDefaults: false,
  // For a field that may be a list, such as a repeated query parameter.
  allowUnionTypes: true,
  // The schemas are literals that a test checks; checking them here takes half the time of compiling.
  validateSchema: false,
} as const;

/** Formats that features define, which schemas name as `format`. */
export type Formats = Readonly<Record<string, (text: string) => boolean>>;

/** @param body the schema whose fields are reported, in their order */
export const refusalFormatter = (body?: ObjectSchema) => {
  const { required = [], properties = {} } = body ?? {};
  const group = body?.else?.required ?? [];
  const fields = Object.keys(properties);
  return (findings: readonly Finding[]): Refusal => {
    const unread = findings.find(({ data }) => data instanceof Refusal)?.data;
    if (unread instanceof Refusal) return unread;
    const wrongBody = findings.find(
      (finding) => finding.instancePath === '' && finding.keyword === 'type',
    );
    if (wrongBody) {
      // Fastify's null is no body at all, an empty object in Django; JSON's null was refused when
      // it was read.
      const { data } = wrongBody;
      return data === null || data === undefined
        ? refuseEmpty([...group, ...required])
        : refuseBody(data);
    }
    const faults = fields.flatMap((field) => {
      const own = faultsOf(field, findings);
      return own.length > 0 ? [[field, own] as const] : [];
    });
    return invalidFields(Object.fromEntries(faults));
  };
};

const refuseEmpty = (fields: readonly string[]) =>
  invalidFields(Object.fromEntries(fields.map((field) => [field, [REQUIRED]])));

const refuseBody = (body: unknown) =>
  new Refusal(NOT_AN_OBJECT, { values: { got: pythonTypeOf(body) } });

function faultsOf(field: string, findings: readonly Finding[]): FieldFault[] {
  const missing = findings.some(
    ({ keyword, params }) => keyword === 'required' && params['missingProperty'] === field,
  );
  if (missing) return [REQUIRED];
  const own = findings.filter(({ instancePath }) => instancePath === `/${field}`);
  const wrongType = own.find(({ keyword }) => keyword === 'type');
  if (wrongType) return [faultOfType(wrongType)];
  if (own.some(({ keyword }) => keyword === 'pattern')) return [BLANK];
  return VALUE_FAULTS.flatMap(([keyword, fault]) =>
    own.some((finding) => finding.keyword === keyword) ? [fault] : [],
  );
}

function faultOfType({ data, params }: Finding): FieldFault {
  if (data === null) return NULL;
  return params['type'] === 'object' ? NOT_A_DICTIONARY : NOT_A_STRING;
}

/** In the order in which Django REST Framework runs its validators. */
const VALUE_FAULTS: readonly (readonly [keyword: string, fault: FieldFault])[] = [
  ['not', NULL_CHARACTERS],
  ['format', EMAIL_INVALID],
];

const pythonTypeOf = (value: unknown): string => {
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'string') return 'str';
  if (typeof value === 'boolean') return 'bool';
  return Number.isInteger(value) ? 'int' : 'float';
};
