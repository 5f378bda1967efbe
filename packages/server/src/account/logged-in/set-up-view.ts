/** Setting up an authenticator app: the QR code with its secret, and the recovery codes that follow. Pure. */
import { renderSVG } from 'uqr';
import { Html, html } from '../html.ts';
import { hidden } from './frame.ts';
import type { Texts } from './texts-en.ts';

export type SetUp = { readonly secret: string; readonly uri: string };

const MOST_CHARACTERS = 512;

/** The set-up that a page has shown, as its form sends it back; `undefined` when it is not valid. */
export function setUpIn(uri = ''): SetUp | undefined {
  const url = uri.length <= MOST_CHARACTERS ? URL.parse(uri) : null;
  const secret = url?.searchParams.get('secret') ?? '';
  return url?.protocol === 'otpauth:' && /^[A-Z2-7]{16,128}$/.test(secret)
    ? { secret, uri }
    : undefined;
}

/** Dark on white in dark mode too: not every camera reads the reverse. */
const qrOf = (uri: string): Html => new Html(renderSVG(uri, { ecc: 'M', border: 2 }));

/** @param fields what else is sent with the code */
export const setUpForm = (
  texts: Texts,
  action: string,
  { secret, uri }: SetUp,
  fields: Html,
): Html =>
  html`<p>${texts.setUp.scan}</p>
<div class="qr" role="img" aria-label="${texts.setUp.qr}">${qrOf(uri)}</div>
<p class="soft">${texts.setUp.type}</p>
<p class="secret"><code>${secret.match(/.{1,4}/g)?.join(' ')}</code></p>
<form method="post" action="${action}">
${fields}${hidden('uri', uri)}
<label>${texts.setUp.code}<input name="code" inputmode="numeric" autocomplete="one-time-code" pattern="[0-9 ]{6,8}" required></label>
<button>${texts.setUp.button}</button>
</form>`;

/** The download is a data link, so saving works without a script too. */
export function codesView(texts: Texts, codes: readonly string[], next: string): Html {
  const text = `${texts.codes.title}\n\n${codes.join('\n')}\n`;
  const items = codes.map((code) => html`<li><code data-code>${code}</code></li>`);
  return html`<p>${texts.codes.lead}</p>
<ol class="codes">${items}</ol>
<p class="row noprint">
<button type="button" class="quiet" data-copy="${texts.codes.copied}" hidden>${texts.codes.copy}</button>
<a class="button quiet" download="${texts.codes.file}" href="data:text/plain;charset=utf-8,${encodeURIComponent(text)}">${texts.codes.download}</a>
<button type="button" class="quiet" data-print hidden>${texts.codes.print}</button>
</p>
<p class="soft" role="status" data-copied></p>
<p class="noprint"><a class="button" href="${next}">${texts.codes.saved}</a></p>`;
}
