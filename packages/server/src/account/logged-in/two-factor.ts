/** `/account/two-factor`: authenticator apps and recovery codes of an account. */
import type { Tx } from '../../database/database.ts';
import { NOT_FOUND, Refusal } from '../../errors.ts';
import type { Action } from '../../http/action.ts';
import type { Enrolment } from '../../mfa/enrolment.ts';
import type { Factors } from '../../mfa/factors.ts';
import type { Requirement } from '../../mfa/requirement.ts';
import type { HoldCaller, StepUp } from '../../mfa/step-up.ts';
import type { Caller } from '../../users/user.ts';
import { html } from '../html.ts';
import { type FactorsShown, listView, removalView } from './factors-view.ts';
import { hidden, pageOf } from './frame.ts';
import { type PasskeyOptions, passkeyButton, passkeyIn } from './passkeys.ts';
import { proofIn } from './password.ts';
import { codesView, type SetUp, setUpForm, setUpIn } from './set-up-view.ts';
import type { LoggedInVisit, Page, Reply } from './visit.ts';

type Deps = {
  readonly factors: Pick<Factors, 'list' | 'remove' | 'renewCodes'>;
  readonly enrolment: Enrolment;
  readonly requirement: Pick<Requirement, 'requiredFrom'>;
  readonly stepUp: StepUp;
  readonly holdCaller: HoldCaller;
  /** `POST /api/users/me/factors/passkeys/options` and `…/passkeys`. */
  readonly askForNewPasskey: Action<Caller>;
  readonly addPasskey: Action<Caller>;
  readonly hasPasskeys: boolean;
  readonly isFresh: (sessionId: string | undefined) => Promise<boolean>;
  /** `false` = the service has no second factors. */
  readonly isOn: boolean;
};

export function twoFactorPage(deps: Deps): Page<LoggedInVisit> {
  const { factors, enrolment, requirement, stepUp, isFresh, isOn, hasPasskeys } = deps;

  const setUpView = (visit: LoggedInVisit, begun: SetUp): Reply =>
    pageOf(
      visit,
      visit.texts.setUp.title,
      html`${setUpForm(visit.texts, 'two-factor', begun, hidden('do', 'confirm'))}
<p><a href="two-factor">${visit.texts.setUp.cancel}</a></p>`,
    );

  const codesShown = (visit: LoggedInVisit, codes: readonly string[]): Reply =>
    pageOf(visit, visit.texts.codes.title, codesView(visit.texts, codes, 'two-factor'));

  async function stateOf({ caller }: LoggedInVisit): Promise<FactorsShown> {
    const { user, sessionId } = caller;
    const requiredFrom = requirement.requiredFrom(user);
    const found = await factors.list(user.id);
    return { ...found, isFresh: await isFresh(sessionId), requiredFrom, hasPasskeys };
  }

  async function makePasskey(visit: LoggedInVisit): Promise<Reply> {
    const { texts, caller, request, sent } = visit;
    const asked = await deps.askForNewPasskey.handle({ body: {}, caller, request });
    return pageOf(
      visit,
      texts.passkeys.add,
      html`<p class="soft">${texts.passkeys.lead}</p>
<form method="post" action="two-factor">${hidden('do', 'passkey')}${hidden('name', sent['name'] ?? '')}
${passkeyButton(texts, 'create', asked as PasskeyOptions, texts.passkeys.create)}</form>
<p><a href="two-factor">${texts.setUp.cancel}</a></p>`,
    );
  }

  async function addPasskey(visit: LoggedInVisit): Promise<Reply> {
    const { sent, caller, request } = visit;
    const name = sent['name']?.trim();
    const body = { ...passkeyIn(sent), ...(name && { name }) };
    const added = await deps.addPasskey.handle({ body, caller, request });
    const { recovery_codes: codes } = added as { readonly recovery_codes: readonly string[] };
    return codes.length > 0 ? codesShown(visit, codes) : { goTo: 'two-factor?done=passkey' };
  }

  const changeBy = ({ caller, request }: LoggedInVisit) => ({
    by: request.device(),
    hold: (tx: Tx) => deps.holdCaller(tx, caller),
  });

  async function remove(visit: LoggedInVisit): Promise<Reply> {
    const { sent, caller, request } = visit;
    const id = Number(sent['id']);
    const { factors: found } = await factors.list(caller.user.id);
    const factor = found.find((each) => each.id === id);
    if (!factor) throw new Refusal(NOT_FOUND);
    if (!sent['sure']) return removalView(visit, factor);
    await stepUp(caller, {}, request);
    const change = { ...changeBy(visit), sessionId: caller.sessionId };
    if (!(await factors.remove(caller.user, id, change))) throw new Refusal(NOT_FOUND);
    return { goTo: 'two-factor?done=removed' };
  }

  return {
    async show(visit) {
      const { sent, texts } = visit;
      if (!isOn) return pageOf(visit, texts.factors.title, html`<p>${texts.factors.off}</p>`);
      const begun = sent['do'] === 'confirm' ? setUpIn(sent['uri']) : undefined;
      return begun ? setUpView(visit, begun) : listView(visit, await stateOf(visit));
    },

    async submit(visit) {
      const { sent, caller, request } = visit;
      switch (sent['do']) {
        case 'add': {
          const name = sent['name']?.trim();
          return setUpView(visit, await enrolment.begin(caller, name ? { name } : {}, request));
        }
        case 'confirm': {
          proofIn(sent, 'code');
          const codes = await enrolment.confirm(caller, sent['code'] ?? '', request);
          return codes.length > 0 ? codesShown(visit, codes) : { goTo: 'two-factor?done=added' };
        }
        case 'renew': {
          await stepUp(caller, {}, request);
          const codes = await factors.renewCodes(caller.user, changeBy(visit));
          if (!codes) throw new Refusal(NOT_FOUND);
          return codesShown(visit, codes);
        }
        case 'passkey-new':
          return makePasskey(visit);
        case 'passkey':
          if (!sent['credential']) throw new Refusal(NOT_FOUND);
          return addPasskey(visit);
        case 'remove':
          return remove(visit);
        default:
          throw new Refusal(NOT_FOUND);
      }
    },
  };
}
