import type { Audit } from '../audit/audit.ts';
import type { Transaction } from '../database/database.ts';
import { invalidFields, Refusal } from '../errors.ts';
import { REQUIRED } from '../http/refusals.ts';
import type { Factors } from '../mfa/factors.ts';
import type { Passkeys } from '../mfa/passkeys.ts';
import { wrongCode, wrongPasskey } from '../mfa/refusals.ts';
import type { StepUp } from '../mfa/step-up.ts';
import { REAUTHENTICATION_REQUIRED } from '../sessions/refusals.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { Throttle } from '../throttle/attempt.ts';
import type { Prove } from '../users/prove.ts';
import type { Reauthenticate } from '../users/reauthenticate.ts';
import type { Caller } from '../users/user.ts';
import type { KnownDevices } from './known-device.ts';
import type { SecondFactor } from './second-factor.ts';

type Deps = {
  readonly reauthenticate: Reauthenticate;
  readonly factors: Factors;
  readonly secondFactor: Pick<SecondFactor, 'present'>;
  readonly sessions: Pick<Sessions, 'isFresh'>;
  readonly passkeys: Passkeys;
  readonly throttle: Pick<Throttle, 'factorChange' | 'passkey'>;
  readonly audit: Pick<Audit, 'failedLogin'>;
  readonly deviceTokenOf: KnownDevices['tokenOf'];
  readonly transaction: Transaction;
};

/**
 * Asks a logged-in caller for a passkey of the account.
 *
 * @throws {Refusal} `invalid_fields` of `passkey`, or `throttled`
 */
export type ProvePasskey = (
  caller: Caller,
  passkey: object,
  request: Parameters<Prove>[2],
) => Promise<void>;

/** Binds the challenge of a step-up to the caller and its session. */
export const confirmationOf = ({ user, sessionId = '' }: Caller) =>
  ({ purpose: 'confirm', userId: user.id, sessionId }) as const;

export function createStepUp(deps: Deps) {
  const { reauthenticate, factors, secondFactor, sessions, throttle, transaction } = deps;
  const { passkeys, audit, deviceTokenOf } = deps;

  const provePasskey: ProvePasskey = async (caller, passkey, request) => {
    const { user } = caller;
    const [text, credential] = ['challenge', 'credential'].map((name) =>
      Reflect.get(passkey, name),
    );
    const challenge =
      typeof text === 'string' ? passkeys.read(confirmationOf(caller), text) : undefined;
    const origin = { ...request.requester(), device: request.device().userAgent };
    let isFirst = false;
    // Any response uses the challenge up.
    const succeed = await throttle.passkey(origin.network, user.id, async (tx) => {
      isFirst = challenge !== undefined && (await passkeys.consume(tx, challenge));
    });
    const good = isFirst ? await passkeys.shown(text, credential, user.id) : undefined;
    const refuse = (): never => {
      const details = { reason: 'wrong_passkey' } as const;
      audit.failedLogin({ event: 'login.fail', userId: user.id, by: request.device(), details });
      throw wrongPasskey('passkey');
    };
    if (!good) return refuse();
    await transaction(async (tx) => {
      if (!(await passkeys.use(tx, good))) refuse();
      await succeed(tx, user.id, [], origin);
    });
  };

  const prove: Prove = async (caller, { current_password: password, code, passkey }, request) => {
    const { user } = caller;
    const isDemanded = (await factors.kindsOf(user.id)).length > 0;
    if (isDemanded && code === undefined && passkey === undefined)
      throw invalidFields({ code: [REQUIRED] });
    const proof = await reauthenticate(caller, password, request);
    if (isDemanded && passkey !== undefined) {
      await provePasskey(caller, passkey, request);
      return { ...proof, shown: 'passkey' };
    }
    if (!isDemanded || code === undefined) return { ...proof, shown: undefined };
    const shown = await secondFactor.present(user, code, {
      device: () => request.device(),
      requester: () => request.requester(),
      deviceToken: deviceTokenOf(request),
    });
    if (!shown) throw wrongCode();
    await transaction(async (tx) => {
      if (!(await factors.spend(tx, user, shown.presented, request.device()))) throw wrongCode();
      await shown.attempt.succeed(tx);
    });
    return { ...proof, shown: 'code' };
  };

  const stepUp: StepUp = async (caller, proved, request) => {
    const { current_password: password } = proved;
    if (password !== undefined)
      await prove(caller, { ...proved, current_password: password }, request);
    else if (!(await sessions.isFresh(caller.sessionId)))
      throw new Refusal(REAUTHENTICATION_REQUIRED);
    await throttle.factorChange(caller.user.id, 'change');
  };
  return { prove, stepUp, provePasskey };
}
