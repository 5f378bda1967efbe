import { action } from '../http/action.ts';
import { type ObjectSchema, requiredText } from '../http/openapi/schema.ts';
import { TOTP_SECRET } from '../mfa/views.ts';
import type { FactorSetUp } from './factor-set-up.ts';

const BEGINNING = {
  title: 'FactorSetUp',
  type: 'object',
  required: ['challenge'],
  properties: { challenge: requiredText('AAAAAAAB7nO3…') },
} as const satisfies ObjectSchema;

type Deps = { readonly setUp: FactorSetUp };

/** `POST /api/token/second_factor/setup`: sets up the factor that a login requires. */
export const beginSetUp = ({ setUp }: Deps) =>
  action({
    takesToken: true,
    refuses: [401, 403, 429],
    operationId: 'beginFactorSetUp',
    summary: 'Log in: set up the required second factor',
    description:
      'For a login that was refused with `second_factor_setup_required`. Show `uri` as a QR code; then ' +
      'send the `challenge` with a code of the app to `/api/token/second_factor`.',
    body: BEGINNING,
    response: TOTP_SECRET,
    handle: ({ body }) => setUp.begin(body.challenge),
  });
