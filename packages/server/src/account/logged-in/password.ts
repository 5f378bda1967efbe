/** `/account/password`: a new password; the session that changes it goes on. */
import { type FieldFaults, invalidFields } from '../../errors.ts';
import type { Action } from '../../http/action.ts';
import { REQUIRED } from '../../http/refusals.ts';
import type { Factors } from '../../mfa/factors.ts';
import type { Passkeys } from '../../mfa/passkeys.ts';
import { confirmationOf } from '../../token/step-up.ts';
import type { Caller } from '../../users/user.ts';
import { html } from '../html.ts';
import type { Sent } from '../sent.ts';
import { codeField, pageOf, passwordField } from './frame.ts';
import { optionsOrNone, passkeyButton, passkeyIn } from './passkeys.ts';
import type { LoggedInVisit, Page } from './visit.ts';

type Proof = Readonly<Record<string, string>> | { readonly passkey: object };

/**
 * The fields of a login in a form, where an empty field is one that was left out.
 *
 * @throws {Refusal} `invalid_fields` where one of `names` is missing
 */
export function proofIn(sent: Sent, ...names: string[]): Proof {
  const faults: FieldFaults = Object.fromEntries(
    names.filter((name) => !sent[name]).map((name) => [name, [REQUIRED]]),
  );
  if (Object.keys(faults).length > 0) throw invalidFields(faults);
  const given = [...names, 'code'].flatMap((name) => (sent[name] ? [[name, sent[name]]] : []));
  const passkey = passkeyIn(sent);
  return { ...Object.fromEntries(given), ...(passkey && { passkey }) };
}

type Deps = {
  /** `POST /api/users/set_password`. */
  readonly setPassword: Action<Caller>;
  readonly factors: Pick<Factors, 'kindsOf'>;
  readonly passkeys: Pick<Passkeys, 'ask'>;
};

/** The account's passkeys, in place of a code; `undefined` = it has none. */
export async function ownPasskeys(passkeys: Pick<Passkeys, 'ask'>, caller: Caller) {
  const of = { userId: caller.user.id };
  const options = await optionsOrNone(passkeys.ask(confirmationOf(caller), of));
  return options && options.public_key.allowCredentials.length > 0 ? options : undefined;
}

export const passwordPage = ({ setPassword, factors, passkeys }: Deps): Page<LoggedInVisit> => ({
  async show(visit) {
    const { texts, caller, request } = visit;
    const isOn = (await factors.kindsOf(caller.user.id)).length > 0;
    const options = await ownPasskeys(passkeys, caller);
    const done = request.query('done') === undefined ? undefined : texts.password.done;
    return pageOf(
      visit,
      texts.password.title,
      html`<p class="soft">${texts.password.lead}</p>
<form method="post" action="password">
<input name="username" autocomplete="username" value="${caller.user.email}" readonly hidden>
${passwordField(texts.currentPassword, 'current_password', 'current-password')}
${isOn ? codeField(texts) : undefined}
${passwordField(texts.password.next, 'new_password', 'new-password')}
<button>${texts.password.button}</button>
${options && passkeyButton(texts, 'get', options, texts.passkeys.use)}
</form>`,
      { done },
    );
  },

  async submit({ sent, caller, request }) {
    const body = proofIn(sent, 'current_password', 'new_password');
    await setPassword.handle({ body, caller, request });
    return { goTo: 'password?done' };
  },
});
