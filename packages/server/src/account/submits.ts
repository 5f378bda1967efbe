/** The action of each page, run when its button is pressed. */
import { EMAIL_INVALID, REQUIRED } from '../http/refusals.ts';
import { say } from '../language.ts';
import type { Recovering } from '../recovery/feature.ts';
import type { Presented } from '../recovery/presented.ts';
import type { PageName } from './layout.ts';
import type { Submit } from './pages.ts';
import type { Sent } from './sent.ts';

/** The two parts of the link, if it was used; else the address and the code. */
const presentedIn = ({ uid, token, email = '', code = '' }: Sent): Presented =>
  uid && token ? { uid, token } : { email: email.trim(), code: code.trim() };

const linkIn = ({ uid = '', token = '' }: Sent) => ({ uid, token });

export const submitsOf = ({
  recovery,
  resets,
}: Recovering): Readonly<Record<PageName, Submit>> => ({
  async forgot({ email = '' }, request, language) {
    const outcome = await recovery().passwords.request(email.trim(), request.device());
    return outcome === 'done' ? outcome : { faults: [say(EMAIL_INVALID, language)] };
  },

  async reset(sent, request, language) {
    const { new_password: password = '' } = sent;
    if (password === '') return { faults: [say(REQUIRED, language)] };
    const outcome = await resets.confirm(
      presentedIn(sent),
      password,
      request.device(),
      request.requester(),
    );
    if (typeof outcome === 'string') return outcome;
    return { faults: outcome.faults.map((fault) => say(fault, language, fault.values)) };
  },

  activate: (sent, request) => recovery().activation.confirm(presentedIn(sent), request.device()),
  email: (sent, request) => recovery().addresses.confirm(linkIn(sent), request.device()),
  undo: (sent, request) => recovery().addresses.undo(linkIn(sent), request.device()),
});
