import { type ObjectSchema, text } from '../http/openapi/schema.ts';
import { NULLABLE_TIME } from './view.ts';

const FINDING = {
  title: 'AdminFinding',
  type: 'object',
  required: ['check', 'level', 'message'],
  properties: {
    check: text,
    level: { type: 'string', enum: ['ok', 'warning', 'fault'] },
    message: text,
  },
} as const satisfies ObjectSchema;

const LIMIT = {
  title: 'AdminLimit',
  type: 'object',
  required: ['name', 'quota', 'window_seconds'],
  properties: { name: text, quota: { type: 'integer' }, window_seconds: { type: 'number' } },
} as const satisfies ObjectSchema;

export const SYSTEM = {
  title: 'AdminSystem',
  type: 'object',
  required: [
    'version',
    'runtime',
    'started_at',
    'now',
    'database',
    'last_backup_at',
    'request',
    'rate_limits',
    'limits',
    'findings',
  ],
  properties: {
    version: text,
    runtime: text,
    started_at: text,
    now: text,
    database: text,
    last_backup_at: {
      ...NULLABLE_TIME,
      description: 'Of `gatepass db backup`; copies of other programs are not known',
    },
    request: {
      type: 'object',
      required: ['address', 'peer', 'is_peer_trusted', 'host', 'forwarded'],
      properties: {
        address: { ...text, description: 'Whose request it counts as' },
        peer: { ...text, description: 'The other end of the connection' },
        is_peer_trusted: {
          type: 'boolean',
          description: 'Whether GATEPASS_TRUSTED_PROXIES lists it',
        },
        host: text,
        forwarded: {
          type: 'object',
          additionalProperties: text,
          description: 'The fields that proxies set, as they came',
        },
      },
    },
    rate_limits: { type: 'string', enum: ['on', 'off'] },
    limits: { type: 'array', items: LIMIT },
    findings: { type: 'array', items: FINDING, description: 'As `gatepass doctor` has them' },
  },
} as const satisfies ObjectSchema;
