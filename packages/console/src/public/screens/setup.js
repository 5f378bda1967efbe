import { html } from '../html.js';
import { texts } from '../language.js';
import { useState } from '../vendor/hooks.js';
import { CodeField, Entrance, useEntrance } from './login.js';

/** The page of an invitation. The token is in the fragment, which no server and no log sees. */
const INVITED = 'invite';

/** @param {{ query: URLSearchParams }} props */
export function Setup({ query }) {
  const t = texts().setup;
  const { needsCode, fault, isBusy, submit } = useEntrance('setup');
  const [given] = useState(query.get('token') ?? '');
  const needsEmail = query.get('for') !== INVITED;
  return html`<${Entrance} title=${t.title}>
    <p class="soft">${t.lead}</p>
    ${fault && html`<p class="bad" role="alert">${fault}</p>`}
    <form onSubmit=${submit}>
      ${
        given
          ? html`<input type="hidden" name="token" value=${given} />`
          : html`<label>${t.token}<input name="token" autocomplete="off" required /></label>`
      }
      ${
        needsEmail &&
        html`<label>${t.email}<input name="email" type="email" autocomplete="username"
          aria-describedby="email-hint" required autofocus /></label>`
      }
      <label>${t.password}<input name="password" type="password" autocomplete="new-password"
        required autofocus=${!needsEmail} /></label>
      ${needsCode && html`<${CodeField} label=${t.code} />`}
      <button class="main" disabled=${isBusy}>${t.button}</button>
    </form>
    <p><a href="#/">${t.toLogin}</a></p><//>`;
}
