/** The document of `/docs` with its own style and script, beside those of Swagger UI. */

/** @param link the address of a file; the prefix `files` is that of the page's own ones */
export const renderPage = (link: (name: string) => string, root: string, scheme: string): string =>
  `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Gatepass API</title>
<link rel="icon" href="${link('favicon-32x32.png')}">
<link rel="stylesheet" href="${link('swagger-ui.css')}">
<link rel="stylesheet" href="${link('index.css')}">
<form id="login" aria-label="Log in">
<label>E-mail <input name="email" inputmode="email" autocomplete="username" required></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required></label>
<button>Log in</button>
<button type="button" name="logout" hidden>Log out</button>
<output>Requests below then carry your access token. No account yet? POST /api/users makes one.</output>
</form>
<div id="swagger-ui" data-document="${root}api/openapi.json" data-scheme="${scheme}"></div>
<script src="${link('swagger-ui-bundle.js')}"></script>
<script src="${link('index.js')}"></script>
`;

// Fits the width of a phone; the dark mode keeps the hues.
export const STYLE = `:root { color-scheme: light dark; }
body { margin: 0; background: #fff; }
#login {
  display: flex; flex-wrap: wrap; gap: 8px 16px; align-items: center;
  max-width: 1420px; margin: 0 auto; padding: 16px 20px; font: 14px sans-serif;
}
#login input, #login button { font: inherit; padding: 6px 10px; margin-left: 4px; }
#login output { flex: 1 1 240px; }
#login.failed output { color: #c0392b; }
@media (prefers-color-scheme: dark) {
  body { background: #1c1c1c; }
  #login { color: #ddd; }
  #login.failed output { color: #ff8a7a; }
  .swagger-ui { filter: invert(89%) hue-rotate(180deg); }
  .swagger-ui .microlight { filter: invert(100%) hue-rotate(180deg); }
}
@media (max-width: 640px) {
  .swagger-ui .wrapper { padding: 0 8px; }
  #login label, #login label input { display: block; width: 100%; margin: 0; box-sizing: border-box; }
}
`;

// The tokens are only in variables, so a reload forgets them.
export const SCRIPT = `
const { document: documentPath, scheme } = document.getElementById('swagger-ui').dataset;
const documentUrl = new URL(documentPath, location);
const api = (path) => new URL(path, new URL('..', documentUrl));
const form = document.getElementById('login');
const { email, password, logout } = form.elements;
const output = form.querySelector('output');
let ui, tokens, shown, refreshing;

async function post(path, body) {
  const response = await fetch(api(path), {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(body),
  });
  const received = await response.json().catch(() => ({}));
  if (response.ok) return received;
  const message = received.detail || Object.values(received).flat().join(' ') || 'HTTP ' + response.status;
  throw Object.assign(new Error(message), { status: response.status });
}

function say(text, hasFailed = false) {
  output.value = text;
  form.classList.toggle('failed', hasFailed);
  logout.hidden = !tokens;
}

function keep(received) {
  const base64 = received.access.split('.')[1].replaceAll('-', '+').replaceAll('_', '/');
  const { exp, iat } = JSON.parse(atob(base64));
  // By its lifetime, because the clocks of browser and server may differ.
  tokens = { ...tokens, ...received, until: Date.now() + (exp - iat - 10) * 1000 };
  shown = tokens.access;
  ui.preauthorizeApiKey('bearer', shown);
}

function forget(text, hasFailed) {
  tokens = undefined;
  ui.authActions.logout(['bearer']);
  say(text, hasFailed);
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  try {
    keep(await post('api/token', { email: email.value, password: password.value }));
    password.value = '';
    say('Logged in as ' + email.value + ', until this page is left.');
  } catch (error) {
    say(error.message, true);
  }
});

logout.addEventListener('click', () => {
  const { refresh } = tokens;
  forget('Logged out.');
  post('api/token/blacklist', { refresh }).catch((error) => say(error.message, true));
});

/** One refresh for all requests that wait for it. */
function refresh() {
  refreshing ??= post('api/token/refresh', { refresh: tokens.refresh })
    .then(keep)
    .catch((error) => (error.status === 401 ? forget : say)(error.message, true))
    .finally(() => { refreshing = undefined; });
  return refreshing;
}

async function authorize(request) {
  const given = request.headers.Authorization;
  const isOurs = given === undefined || given === 'Bearer ' + shown;
  if (!tokens || !isOurs || request.loadSpec || new URL(request.url, location).origin !== location.origin)
    return request;
  if (Date.now() > tokens.until) await refresh();
  if (tokens) request.headers.Authorization = scheme + ' ' + tokens.access;
  return request;
}

window.addEventListener('load', () => {
  ui = SwaggerUIBundle({
    dom_id: '#swagger-ui',
    url: documentUrl.href,
    deepLinking: true,
    layout: 'BaseLayout',
    persistAuthorization: false,
    presets: [SwaggerUIBundle.presets.apis],
    requestInterceptor: authorize,
    tryItOutEnabled: true,
    validatorUrl: null,
  });
});
`;
