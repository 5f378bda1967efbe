import { type ObjectSchema, requiredText, text } from '../http/openapi/schema.ts';

const token = requiredText('eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.…');

export const REFRESH_TOKEN = {
  title: 'RefreshToken',
  type: 'object',
  required: ['refresh'],
  properties: { refresh: token },
} as const satisfies ObjectSchema;

export const TOKEN = {
  title: 'Token',
  type: 'object',
  required: ['token'],
  properties: { token },
} as const satisfies ObjectSchema;

export const ACCESS_TOKEN = {
  title: 'AccessToken',
  type: 'object',
  required: ['access'],
  properties: { access: text },
} as const satisfies ObjectSchema;

/** In SimpleJWT's order, which is not that of a login. */
export const ROTATED_PAIR = {
  title: 'RotatedPair',
  type: 'object',
  required: ['access', 'refresh'],
  properties: { access: text, refresh: text },
} as const satisfies ObjectSchema;
