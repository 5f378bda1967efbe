/**
 * Moves the token of a mailed link from the fragment into the form. The fragment never reaches a
 * server or a log; the token is sent when a person presses the button, and not before.
 */
export const LINK_SCRIPT = `
function link() {
  const values = new URLSearchParams(location.hash.slice(1));
  const form = document.querySelector('form[data-link]');
  const uid = values.get('uid'), token = values.get('token');
  if (!form || !uid || !token) return;
  form.elements.uid.value = uid;
  form.elements.token.value = token;
  for (const field of form.querySelectorAll('.unlinked input')) field.required = false;
  document.body.classList.add('linked');
  history.replaceState(null, '', location.pathname + location.search);
}
link();
// A link opened in a tab that already shows the page changes only the fragment.
addEventListener('hashchange', link);
`;

/** Conveniences of the pages of an account, which also work without it. */
export const ACCOUNT_SCRIPT = `
const { lang } = document.documentElement;
const locale = navigator.languages.find((each) => each.startsWith(lang)) ?? lang;
for (const time of document.querySelectorAll('time'))
  time.textContent = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(time.dateTime));
function offer(name, act) {
  const button = document.querySelector('[data-' + name + ']');
  if (!button) return;
  button.hidden = false;
  button.addEventListener('click', () => act(button));
}
offer('print', () => print());
const { PublicKeyCredential: Passkey } = globalThis;
if (Passkey?.parseRequestOptionsFromJSON)
  for (const each of document.querySelectorAll('[data-scripted]')) each.hidden = false;
for (const button of document.querySelectorAll('[data-passkey]')) button.addEventListener('click', async () => {
  const { form } = button, { code, credential } = form.elements;
  const failed = form.querySelector('[data-failed]');
  failed.hidden = true;
  if (code) code.required = false;
  try {
    if (!form.reportValidity()) return;
    const json = JSON.parse(button.dataset.options);
    const shown = button.dataset.passkey === 'create'
      ? await navigator.credentials.create({ publicKey: Passkey.parseCreationOptionsFromJSON(json) })
      : await navigator.credentials.get({ publicKey: Passkey.parseRequestOptionsFromJSON(json) });
    credential.value = JSON.stringify(shown);
    form.submit();
  } catch {
    failed.hidden = false;
  } finally {
    if (code) code.required = true;
  }
});
if (navigator.clipboard) offer('copy', async (button) => {
  const texts = [...document.querySelectorAll('[data-code]')].map((each) => each.textContent);
  await navigator.clipboard.writeText(texts.join('\\n'));
  document.querySelector('[data-copied]').textContent = button.dataset.copy;
});
`;
