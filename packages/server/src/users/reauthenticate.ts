import { invalidFields } from '../errors.ts';
import type { RequestView } from '../http/action.ts';
import type { KnownDevice, Throttle } from '../throttle/attempt.ts';
import type { Credentials, Proof } from './credentials.ts';
import { accountOf } from './email.ts';
import { PASSWORD_WRONG } from './refusals.ts';
import type { Caller } from './user.ts';

/** A request that contains the proof. */
export type ProvingRequest = Pick<RequestView, 'device' | 'requester' | 'cookies' | 'knownDevice'>;

/**
 * Asks a logged-in caller for the password again, under the limits of a login.
 *
 * @returns the proof that the change relies on
 * @throws {Refusal} `invalid_fields` of `current_password`, `throttled` or `unavailable`
 */
export type Reauthenticate = (
  caller: Caller,
  password: string,
  request: ProvingRequest,
) => Promise<Proof>;

type Deps = {
  readonly credentials: Credentials;
  readonly throttle: Throttle;
  /** The known device of the request, if it presents a device token. */
  readonly deviceOf: (request: ProvingRequest, account: string) => KnownDevice | undefined;
  /** What completes a login of the account beside its password. */
  readonly factors: { readonly kindsOf: (userId: number) => Promise<readonly unknown[]> };
};

export const createReauthenticate =
  ({ credentials, throttle, deviceOf, factors }: Deps): Reauthenticate =>
  async ({ user }, password, request) => {
    const device = request.device();
    const account = accountOf(user.email);
    const requester = await throttle.recognise(account, {
      ...request.requester(),
      knownDevice: deviceOf(request, account),
    });
    credentials.assertCapacity(requester);
    const attempt = await throttle.begin('confirm', account, requester, () =>
      credentials.noteThrottled(user.email, device),
    );
    try {
      const proof = await credentials.confirm(user, password, device, requester);
      if (!proof) throw wrongPassword();
      // A password without the second factor does not make a network known.
      await attempt.succeed(undefined, (await factors.kindsOf(user.id)).length === 0);
      return proof;
    } catch (error) {
      await attempt.abandon(error);
      throw error;
    }
  };

/** Also used when the password was changed after it was checked. */
export const wrongPassword = () => invalidFields({ current_password: [PASSWORD_WRONG] });
