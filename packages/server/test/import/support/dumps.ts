/** Two users, as `manage.py dumpdata` writes them in each of its formats. */
import { HASH } from './place.ts';

const USERS = [
  { model: 'contenttypes.contenttype', fields: { app_label: 'auth', model: 'user' } },
  {
    model: 'accounts.user',
    pk: 7,
    fields: {
      password: HASH,
      last_login: null,
      is_active: true,
      date_joined: '2024-05-06T07:08:09.123Z',
      email: 'алиса@example.com',
      groups: [1],
    },
  },
  {
    model: 'accounts.user',
    pk: 9,
    fields: {
      password: '!unusable',
      last_login: '2026-01-02T03:04:05.123Z',
      is_active: null,
      date_joined: '2024-05-06T07:08:09Z',
      email: 'Bob@example.com',
      groups: [],
    },
  },
] as const;
export const JSON_TEXT = JSON.stringify(USERS).replace('алиса', 'alice');
export const JSONL = `${JSON.parse(JSON_TEXT).map(JSON.stringify).join('\n')}\n`;
// As Django 5.2 with PyYAML 6 writes it.
export const YAML = `- model: contenttypes.contenttype
  fields:
    app_label: auth
    model: user
- model: accounts.user
  pk: 7
  fields:
    password: ${HASH}
    last_login: null
    is_active: true
    date_joined: 2024-05-06 07:08:09.123000+00:00
    email: alice@example.com
    groups:
    - 1
- model: accounts.user
  pk: 9
  fields:
    password: '!unusable'
    last_login: 2026-01-02 03:04:05.123000+00:00
    is_active: null
    date_joined: 2024-05-06 07:08:09+00:00
    email: Bob@example.com
    groups: []
`;
// As Django 3.2 with sort_keys writes it.
export const OLD_YAML = `- fields: {date_joined: !!timestamp '2024-05-06 07:08:09.123000+00:00', email: alice@example.com, groups: [
      1], is_active: true, last_login: null, password: ${HASH}}
  model: accounts.user
  pk: 7
- fields: {date_joined: !!timestamp '2024-05-06 07:08:09+00:00', email: Bob@example.com, groups: [],
    is_active: null, last_login: !!timestamp '2026-01-02 03:04:05.123000+00:00', password: '!unusable'}
  model: accounts.user
  pk: 9
`;
const field = (name: string, value: string | null) =>
  `<field name="${name}" type="CharField">${value ?? '<None></None>'}</field>`;
export const XML = `<?xml version="1.0" encoding="utf-8"?>
<django-objects version="1.0">
  <object model="contenttypes.contenttype">${field('app_label', 'auth')}</object>
  <object model="accounts.user" pk="7">${field('password', HASH)}${field('last_login', null)}
    ${field('is_active', 'True')}${field('date_joined', '2024-05-06T07:08:09.123456+00:00')}
    ${field('email', 'alice@example&#46;com')}<field name="groups" rel="ManyToManyRel" to="auth.group"><object pk="1"></object></field>
  </object>
  <object model="accounts.user" pk="9">${field('password', '!unusable')}${field('last_login', '2026-01-02T03:04:05.123000+00:00')}
    ${field('is_active', null)}${field('date_joined', '2024-05-06T07:08:09+00:00')}
    ${field('email', 'Bob@example.com')}<field name="groups" rel="ManyToManyRel" to="auth.group"></field>
  </object>
</django-objects>`;

/** After `--natural-primary`. */
export const WITHOUT_PK = JSON.stringify(
  USERS.map((entry) => ({ model: entry.model, fields: entry.fields })),
);
