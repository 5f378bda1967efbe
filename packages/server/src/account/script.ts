/**
 * Moves the token of a mailed link from the fragment into the form. The fragment never reaches a
 * server or a log; the token is sent when a person presses the button, and not before.
 */
export const SCRIPT = `
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
// A link that is opened in a tab that shows the page already loads nothing.
addEventListener('hashchange', link);
`;
