import { type ApiKeys, DEFAULT_LIFETIME_DAYS, MAX_LIFETIME_DAYS } from '../api-keys/api-keys.ts';
import { CREDENTIAL_NOT_VALID } from '../api-keys/refusals.ts';
import { readScopes, SCOPES } from '../api-keys/scope.ts';
import type { ApiKey } from '../api-keys/store.ts';
import { invalidFields, NOT_FOUND, Refusal } from '../errors.ts';
import { type Action, action } from '../http/action.ts';
import { type ObjectSchema, requiredText, text } from '../http/openapi/schema.ts';
import { notAChoice } from '../http/refusals.ts';
import type { Users } from '../users/users.ts';
import { type Administrator, originOf } from './guard.ts';
import { NULLABLE_TIME, time, timeOrNull } from './view.ts';

const KEY = {
  title: 'ApiKey',
  type: 'object',
  required: [
    'id',
    'name',
    'scopes',
    'created_at',
    'created_by',
    'expires_at',
    'last_used_at',
    'revoked_at',
  ],
  properties: {
    id: text,
    name: text,
    scopes: { type: 'array', items: text },
    created_at: text,
    created_by: { ...text, description: 'An actor, as the audit log has them' },
    expires_at: text,
    last_used_at: { ...NULLABLE_TIME, description: 'To ten minutes' },
    revoked_at: NULLABLE_TIME,
  },
} as const satisfies ObjectSchema;

const KEYS = {
  title: 'ApiKeys',
  type: 'object',
  required: ['api_keys'],
  properties: { api_keys: { type: 'array', items: KEY } },
} as const satisfies ObjectSchema;

const NEW_KEY = {
  title: 'NewApiKey',
  type: 'object',
  required: ['name', 'scopes'],
  properties: {
    name: { ...requiredText('Nightly export'), maxLength: 100 },
    scopes: { type: 'array', items: { type: 'string', enum: SCOPES }, minItems: 1 },
    days: {
      type: 'integer',
      minimum: 1,
      maximum: MAX_LIFETIME_DAYS,
      description: `How long it lives; ${DEFAULT_LIFETIME_DAYS} by default`,
    },
  },
} as const satisfies ObjectSchema;

const CREATED = {
  title: 'CreatedApiKey',
  type: 'object',
  required: ['api_key', 'key'],
  properties: { api_key: KEY, key: { ...text, description: 'Shown this once' } },
} as const satisfies ObjectSchema;

export const viewOfKey = (key: ApiKey) => ({
  id: key.id,
  name: key.name,
  scopes: [...key.scopes],
  created_at: time(key.createdAt),
  created_by: key.createdBy,
  expires_at: time(key.expiresAt),
  last_used_at: timeOrNull(key.lastUsedAt),
  revoked_at: timeOrNull(key.revokedAt),
});

/** `GET /api/admin/api_keys` */
export const listApiKeys = (apiKeys: ApiKeys): Action<Administrator> =>
  action({
    operationId: 'adminListApiKeys',
    summary: 'API keys, the newest first',
    description: 'Keys that ended stay for 30 days. The text of a key is not among it.',
    response: KEYS,
    handle: async () => ({ api_keys: (await apiKeys.list()).map(viewOfKey) }),
  });

/** `POST /api/admin/api_keys` */
export const createApiKey = (apiKeys: ApiKeys, users: Users): Action<Administrator> =>
  action({
    operationId: 'adminCreateApiKey',
    summary: 'Create an API key',
    description: 'Shows its text, once.',
    body: NEW_KEY,
    status: 201,
    response: CREATED,
    async handle({ body, caller, request }) {
      const { name, days = DEFAULT_LIFETIME_DAYS } = body;
      const scopes = readScopes(body.scopes);
      if (!scopes) throw invalidFields({ scopes: [notAChoice(body.scopes.join(' '))] });
      const by = originOf(caller, request);
      const created = await apiKeys.create({ name, scopes, days }, by, async (tx) => {
        // A demotion that has committed would not revoke this key; a later one waits for it and does.
        if (!(await users.holdAdministrator(tx, caller.user.id)))
          throw new Refusal(CREDENTIAL_NOT_VALID);
      });
      return { api_key: viewOfKey(created.key), key: created.text };
    },
  });

/** `DELETE /api/admin/api_keys/:id` */
export const revokeApiKey = (apiKeys: ApiKeys): Action<Administrator> =>
  action({
    operationId: 'adminRevokeApiKey',
    summary: 'Revoke an API key',
    description: 'At once, on every node.',
    status: 204,
    refuses: [404],
    async handle({ caller, request }) {
      const { id = '' } = request.params;
      if (!(await apiKeys.revoke(id, originOf(caller, request)))) throw new Refusal(NOT_FOUND);
      return undefined;
    },
  });
