import { App } from './app.js';
import { html } from './html.js';
import { render } from './vendor/preact.js';

const place = document.getElementById('console');
if (place) render(html`<${App} />`, place);
