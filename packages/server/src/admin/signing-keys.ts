import type { Clock } from '../clock.ts';
import { Refusal } from '../errors.ts';
import { type Action, action } from '../http/action.ts';
import { type ObjectSchema, text } from '../http/openapi/schema.ts';
import { rotateChanges } from '../keys/commanded-changes.ts';
import type { RingChanges } from '../keys/ring-changes.ts';
import { type KeyView, viewsOf } from '../keys/view.ts';
import { type AdminCaller, originOf } from './guard.ts';
import { SECRET_DOES_NOT_ROTATE } from './refusals.ts';
import { NULLABLE_TIME } from './view.ts';

const KEY = {
  title: 'AdminSigningKey',
  type: 'object',
  required: [
    'kid',
    'alg',
    'state',
    'signs',
    'created_at',
    'activates_at',
    'signs_until',
    'verifies_until',
    'sealed',
  ],
  properties: {
    kid: { ...text, description: '`hs256` is the secret of the server' },
    alg: text,
    state: { type: 'string', enum: ['next', 'current', 'retired'] },
    signs: { ...text, description: '`access tokens`, `refresh tokens`, `all tokens` or `nothing`' },
    created_at: NULLABLE_TIME,
    activates_at: { ...NULLABLE_TIME, description: 'When it begins to sign; null: by command' },
    signs_until: NULLABLE_TIME,
    verifies_until: NULLABLE_TIME,
    sealed: {
      type: ['boolean', 'null'],
      description: 'Under GATEPASS_MASTER_KEY; null: nothing of it is stored',
    },
  },
} as const satisfies ObjectSchema;

const KEYS = {
  title: 'AdminSigningKeys',
  type: 'object',
  required: ['keys'],
  properties: { keys: { type: 'array', items: KEY } },
} as const satisfies ObjectSchema;

const ROTATION = {
  title: 'AdminRotation',
  type: ['object', 'null'],
  properties: {
    alg: {
      type: 'string',
      enum: ['HS256', 'EdDSA', 'ES256', 'RS256'],
      description: 'Changes the algorithm; set GATEPASS_SIGNING_ALG as well',
    },
    now: { type: 'boolean', description: 'Sign at once, whether verifiers know the key or not' },
  },
} as const satisfies ObjectSchema;

type Uses = {
  readonly ringChanges: RingChanges;
  readonly config: { readonly secret: string };
  readonly clock: Clock;
};

const list = async ({ ringChanges, config, clock }: Uses): Promise<{ keys: KeyView[] }> => ({
  keys: viewsOf(await ringChanges.rows(), config.secret !== '', clock.now()),
});

/** `GET /api/admin/signing-keys` */
export const listSigningKeys = (uses: Uses): Action<AdminCaller> =>
  action({
    operationId: 'adminListSigningKeys',
    summary: 'The secret and the keys that sign or verify',
    response: KEYS,
    handle: () => list(uses),
  });

/** `POST /api/admin/signing-keys/rotate` */
export const rotateSigningKeys = (uses: Uses): Action<AdminCaller> =>
  action({
    operationId: 'adminRotateSigningKeys',
    summary: 'Let the next key sign as soon as every verifier can know it',
    description:
      'Responds with the keys as they are then; a rotation that is planned already stays.',
    body: ROTATION,
    response: KEYS,
    async handle({ body, caller, request }) {
      const { ringChanges } = uses;
      const made = await ringChanges.apply(
        (ring, at, policy) =>
          rotateChanges(ring, at, policy, { algorithm: body.alg, now: body.now }),
        originOf(caller, request),
      );
      if ('refused' in made && made.refused !== 'already_planned')
        throw new Refusal(SECRET_DOES_NOT_ROTATE);
      await ringChanges.keepUp();
      return list(uses);
    },
  });
