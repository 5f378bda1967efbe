/** The OpenAPI document, made from the URL table. */
import type { ActionFacts } from '../action.ts';
import { type ResourceFacts, refusesPages } from '../resource.ts';
import { RESPONSES, type Status } from './responses.ts';

// Relative to the document, so that it is also right behind a proxy that strips a prefix.
const SERVERS = [{ url: '..' }];

const INFO = {
  title: 'Gatepass',
  description:
    'Users and JWT sessions: an e-mail and a password become an access token and a refresh token. ' +
    "The wire format is Django SimpleJWT's. Every refusal: docs/errors.md.",
  license: { name: 'MIT', identifier: 'MIT' },
};

const ADMIN_INFO = {
  ...INFO,
  title: 'Gatepass administration',
  description: 'The admin API, on a listener of its own. Every refusal: docs/errors.md.',
};

const TAGS: Readonly<Record<string, string>> = {
  token: 'Log in, refresh, check, log out',
  users: 'Accounts, passwords, addresses',
  session: 'The same with the refresh token in a cookie',
  sessions: 'The sessions of an account',
  revocations: 'Tokens that resource servers must refuse',
  events: 'Events of accounts and sessions, with an API key',
  keys: 'Keys with which other programs verify access tokens',
  oauth: 'For gateways, with an API key',
  health: 'For load balancers',
};

const ADMIN_TAGS: Readonly<Record<string, string>> = {
  login: 'Logins of administrators',
  users: 'Accounts and their sessions',
  audit: 'Who did what',
  mails: 'Mail that waits',
  api_keys: 'Keys of programs',
};

type Options = {
  readonly version: string;
  readonly scheme?: string | undefined;
  /** Whether the document is that of the admin listener. */
  readonly isAdmin?: boolean;
};

export function documentOf(
  resources: readonly ResourceFacts[],
  { version, scheme = 'Bearer', isAdmin = false }: Options,
): object {
  const { schemas, refer } = createComponents();
  const described = resources.filter(({ actions }) => Object.keys(actions).length > 0);
  const paths = Object.fromEntries(
    described.map(({ path, actions, isGuarded }) => [
      path.replace(/:(\w+)/g, '{$1}'),
      Object.fromEntries(
        Object.entries(actions).map(([method, facts]) => [
          method.toLowerCase(),
          operation(path, method, facts, isGuarded),
        ]),
      ),
    ]),
  );

  function operation(path: string, method: string, facts: ActionFacts, isGuarded: boolean) {
    const { operationId, summary, description, body, query = {} } = facts;
    const parameters = [
      ...[...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
        name,
        in: 'path',
        required: true,
        schema: { type: 'string' },
      })),
      ...Object.entries(query).map(([name, parameter]) => ({ name, in: 'query', ...parameter })),
    ];
    return {
      operationId,
      summary,
      ...(description && { description }),
      tags: [tagOf(path)],
      security: isGuarded ? [{ bearer: [] }] : [],
      ...(parameters.length > 0 && { parameters }),
      ...(body && {
        requestBody: { required: body.type === 'object', content: json(refer(body)) },
      }),
      responses: responsesOf(method, facts, isGuarded),
    };
  }

  function responsesOf(method: string, facts: ActionFacts, isGuarded: boolean): object {
    const { status = 200, response, body, query, refuses = [], streams, unavailable } = facts;
    const statuses = new Set<Status>(['4XX', 500, 503, ...refuses]);
    if (body || query) statuses.add(400);
    if (body) statuses.add(413).add(415);
    if (isGuarded) statuses.add(401);
    if (refusesPages(facts, method, isGuarded)) statuses.add(403);
    if (facts.usesCookie) statuses.add(403).add(404);
    const content = streams
      ? { content: { [streams]: { schema: { type: 'string' } } } }
      : response && { content: json(refer(response)) };
    return {
      [status]: { description: 'Done', ...content },
      ...Object.fromEntries(
        [...statuses].map((each) => [each, { $ref: `#/components/responses/${each}` }]),
      ),
      ...(unavailable && {
        503: { description: 'Not ready', content: json(refer(unavailable)) },
      }),
    };
  }

  const responses = Object.fromEntries(
    Object.entries(RESPONSES).map(([status, { body, ...described }]) => [
      status,
      { ...described, content: json(refer(body)) },
    ]),
  );
  return {
    openapi: '3.1.0',
    info: { ...(isAdmin ? ADMIN_INFO : INFO), version },
    servers: isAdmin ? [{ url: '../..' }] : SERVERS,
    tags: Object.entries(isAdmin ? ADMIN_TAGS : TAGS).map(([name, description]) => ({
      name,
      description,
    })),
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: scheme.toLowerCase(), bearerFormat: 'JWT' },
      },
      schemas,
      responses,
    },
  };
}

const adminTagOf = (path: string): string => {
  const [, name = ''] = /^\/api\/admin\/(\w+)/.exec(path) ?? [];
  return name in ADMIN_TAGS ? name : 'login';
};

const json = (schema: unknown) => ({ 'application/json': { schema } });

const tagOf = (path: string): string =>
  path.includes('/.well-known/')
    ? 'keys'
    : path.startsWith('/api/admin/')
      ? adminTagOf(path)
      : path.startsWith('/oauth/')
        ? 'oauth'
        : (/^\/api\/(\w+)/.exec(path)?.[1] ?? 'health');

/** Collects the schemas that have a title and replaces them by references. */
function createComponents() {
  const schemas: Record<string, unknown> = {};

  function refer(schema: unknown): unknown {
    if (Array.isArray(schema)) return schema.map(refer);
    if (typeof schema !== 'object' || schema === null) return schema;
    const copy: Record<string, unknown> = Object.fromEntries(
      Object.entries(schema).map(([key, value]) => [key, refer(value)]),
    );
    const { title } = copy;
    if (typeof title !== 'string') return copy;
    const known = schemas[title];
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(copy))
      throw new TypeError(`Two schemas are named ${title}`);
    schemas[title] = copy;
    return { $ref: `#/components/schemas/${title}` };
  }

  return { schemas, refer };
}
