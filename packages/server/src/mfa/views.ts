import { type ObjectSchema, requiredText, text } from '../http/openapi/schema.ts';
import type { Factor } from './factors.ts';

const DATE_TIME = { type: 'string', examples: ['2026-01-31T12:00:00.000Z'] } as const;

const FACTOR = {
  title: 'Factor',
  type: 'object',
  required: ['id', 'type', 'name', 'created_at'],
  properties: {
    id: { type: 'integer' },
    type: text,
    name: text,
    created_at: DATE_TIME,
    last_used_at: DATE_TIME,
  },
} as const satisfies ObjectSchema;

export const FACTORS = {
  title: 'Factors',
  type: 'object',
  required: ['factors', 'recovery_codes_left'],
  properties: {
    factors: { type: 'array', items: FACTOR },
    recovery_codes_left: { type: 'integer' },
    /** From this time on the account needs a factor to log in. */
    required_from: DATE_TIME,
  },
} as const satisfies ObjectSchema;

export const RECOVERY_CODES = {
  title: 'RecoveryCodes',
  type: 'object',
  required: ['recovery_codes'],
  properties: { recovery_codes: { type: 'array', items: text } },
} as const satisfies ObjectSchema;

/** The result of a browser's `PublicKeyCredential.toJSON()`. */
const CREDENTIAL = { type: 'object', additionalProperties: true } as const;

const PUBLIC_KEY = { type: 'object', additionalProperties: true } as const;

/** For `navigator.credentials`, once `PublicKeyCredential.parse…OptionsFromJSON` has read `public_key`. */
export const PASSKEY_OPTIONS = {
  title: 'PasskeyOptions',
  type: 'object',
  required: ['challenge', 'public_key'],
  properties: { challenge: text, public_key: PUBLIC_KEY },
} as const satisfies ObjectSchema;

export const SHOWN_PASSKEY = {
  title: 'ShownPasskey',
  type: 'object',
  required: ['challenge', 'credential'],
  properties: { challenge: requiredText('q83vEjRWeJCrze8SNFZ4kA…'), credential: CREDENTIAL },
} as const satisfies ObjectSchema;

export const ADDED_PASSKEY = {
  title: 'AddedPasskey',
  type: 'object',
  required: ['id', 'recovery_codes'],
  properties: { id: { type: 'integer' }, recovery_codes: { type: 'array', items: text } },
} as const satisfies ObjectSchema;

export const TOTP_SECRET = {
  title: 'TotpSecret',
  type: 'object',
  required: ['secret', 'uri'],
  properties: { secret: text, uri: text },
} as const satisfies ObjectSchema;

export const time = (epochMs: number) => new Date(epochMs).toISOString();

export const viewOf = ({ id, type, name, createdAt, lastUsedAt }: Factor) => ({
  id,
  type,
  name,
  created_at: time(createdAt),
  ...(lastUsedAt !== undefined && { last_used_at: time(lastUsedAt) }),
});
