/** Chooses the screen and draws the frame around it. */
import { html } from './html.js';
import { language, texts } from './language.js';
import { useRoute } from './router.js';
import { Audit } from './screens/audit.js';
import { Keys } from './screens/keys.js';
import { Login } from './screens/login.js';
import { Overview } from './screens/overview.js';
import { Setup } from './screens/setup.js';
import { System } from './screens/system.js';
import { User } from './screens/user.js';
import { Users } from './screens/users.js';
import { session } from './session.js';
import { Dialogs } from './ui/dialogs.js';
import { Frame } from './ui/frame.js';
import { Empty } from './ui/parts.js';
import { Toasts } from './ui/toasts.js';

/** @type {Readonly<Record<string, unknown>>} */
const SCREENS = { '': Overview, users: Users, audit: Audit, keys: Keys, system: System };

export function App() {
  language.use();
  const token = session.use();
  const { parts, query } = useRoute();
  const [name = '', id] = parts;
  if (name === 'setup') return html`<${Setup} query=${query} />`;
  if (token === '') return html`<${Login} />`;
  const screen = name === 'users' && id ? User : SCREENS[name];
  return html`<${Frame} screen=${name} isSearching=${screen === Users}>
      ${
        screen
          ? html`<${screen} key=${`${name}/${id ?? ''}`} id=${id} query=${query} />`
          : html`<${Empty}>${texts().common.noScreen}<//>`
      }
    <//><${Dialogs} /><${Toasts} />`;
}
