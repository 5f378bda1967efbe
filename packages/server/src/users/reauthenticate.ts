import { invalidFields } from '../errors.ts';
import type { RequestView } from '../http/action.ts';
import type { Throttle } from '../throttle/attempt.ts';
import type { Credentials, Proof } from './credentials.ts';
import { accountOf } from './email.ts';
import { PASSWORD_WRONG } from './refusals.ts';
import type { Caller } from './user.ts';

/**
 * Asks a logged-in caller for the password again, under the limits of a login.
 *
 * @returns what the change that asks for it may rely on
 * @throws {Refusal} `invalid_fields` of `current_password`, `throttled` or `unavailable`
 */
export type Reauthenticate = (
  caller: Caller,
  password: string,
  request: Pick<RequestView, 'device' | 'requester'>,
) => Promise<Proof>;

type Deps = {
  readonly credentials: Credentials;
  readonly throttle: Throttle;
  /** By what a login of the account is completed beside its password. */
  readonly factors: { readonly kindsOf: (userId: number) => Promise<readonly unknown[]> };
};

export const createReauthenticate =
  ({ credentials, throttle, factors }: Deps): Reauthenticate =>
  async ({ user }, password, request) => {
    const device = request.device();
    const account = accountOf(user.email);
    const requester = await throttle.recognise(account, request.requester());
    credentials.assertCapacity(requester);
    const attempt = await throttle.begin('confirm', account, requester, () =>
      credentials.noteThrottled(user.email, device),
    );
    try {
      const proof = await credentials.confirm(user, password, device, requester);
      if (!proof) throw wrongPassword();
      // Half of a login makes no network known.
      await attempt.succeed(undefined, (await factors.kindsOf(user.id)).length === 0);
      return proof;
    } catch (error) {
      await attempt.abandon(error);
      throw error;
    }
  };

/** Also what a change says when the password was changed after it was checked. */
export const wrongPassword = () => invalidFields({ current_password: [PASSWORD_WRONG] });
