/** Passkeys on the pages: the script has the browser make or show one, and sends it with the form. */
import { Refusal } from '../../errors.ts';
import { type Html, html } from '../html.ts';
import type { Sent } from '../sent.ts';
import type { Texts } from './texts-en.ts';

/** What a browser is asked for; as the API has it. */
export type PasskeyOptions = { readonly challenge: string; readonly public_key: object };

type ShownPasskey = { readonly challenge: string; readonly credential: object };

/** Options where there is something to ask for; `undefined` = no passkeys here, or the login is over. */
export const optionsOrNone = <Options extends PasskeyOptions>(
  asking: Promise<Options>,
): Promise<Options | undefined> =>
  asking.catch((error: unknown) => {
    if (error instanceof Refusal) return undefined;
    throw error;
  });

/** Hidden until the script has found that the browser can. */
export const passkeyButton = (
  texts: Texts,
  way: 'create' | 'get',
  { challenge, public_key: publicKey }: PasskeyOptions,
  label: string,
): Html =>
  html`<input type="hidden" name="asked" value="${challenge}"><input type="hidden" name="credential">
<button type="button" class="quiet" data-scripted data-passkey="${way}" data-options="${JSON.stringify(publicKey)}" hidden>${label}</button>
<p class="bad" role="alert" data-failed hidden>${texts.passkeys.failed}</p>`;

/** The passkey in a form; `undefined` = none was shown. */
export function passkeyIn({ asked = '', credential = '' }: Sent): ShownPasskey | undefined {
  if (credential === '') return undefined;
  try {
    const shown: unknown = JSON.parse(credential);
    return { challenge: asked, credential: typeof shown === 'object' && shown ? shown : {} };
  } catch {
    return { challenge: asked, credential: {} };
  }
}
