/** Every operation of both OpenAPI documents gets odd values for all that it takes. Fixed seed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Administration, startAdministration } from '../admin/support/administration.ts';
import { PASSWORD } from '../support/service.ts';

const SEED = 20260102;
/** For each operation. `FUZZ_RUNS=500` looks further. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 6);
const ORIGIN = 'https://id.example';

type Schema = { readonly $ref?: string; readonly properties?: Record<string, Schema> };
type Operation = {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: Record<string, { readonly schema: Schema }> };
  readonly responses: Record<string, unknown>;
};
type Document = {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, Schema> };
};

const odd = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom<unknown>(
    ...['', '\0', '\ud800', "'--", '__proto__', '1e3', '%', '٣', '-1', '0', '1', '2', '007'],
    ...['9223372036854775807', '9223372036854775808', '+275760-09-13', '2026-02-30T00:00:00Z'],
    ...[`${'a'.repeat(300)}@example.com`, 'ALICE@example.com', '000000'],
    ...[-0, 2, 2 ** 53, 2 ** 63, 1e308, null, ['users:read', 'users:read'], { exp: 1 }],
  ),
);
/** In a path or a query everything is text. */
const oddText = odd.map((value) => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return encodeURIComponent(text.toWellFormed());
});

/** What leads past the first check, so that later ones see odd values too. */
const GOOD: Readonly<Record<string, unknown>> = {
  ...{ email: 'alice@example.com', password: PASSWORD, current_password: PASSWORD },
  ...{ new_password: 'another horse 9 battery', language: 'en', scopes: ['users:read'] },
};
const fieldValue = (field: string) =>
  field in GOOD
    ? fc.oneof({ weight: 4, arbitrary: fc.constant(GOOD[field]) }, { weight: 1, arbitrary: odd })
    : odd;

const someOf = <T>(names: readonly string[], arbitrary: (name: string) => fc.Arbitrary<T>) =>
  fc.record(Object.fromEntries(names.map((name) => [name, arbitrary(name)])), { requiredKeys: [] });

function requestsOf(path: string, operation: Operation, { components }: Document) {
  const given = Object.values(operation.requestBody?.content ?? {})[0]?.schema;
  const schema = components.schemas[given?.$ref?.split('/').at(-1) ?? ''] ?? given;
  const queried = (operation.parameters ?? []).filter((each) => each.in === 'query');
  const fields = Object.keys(schema?.properties ?? {});
  const body = someOf(fields, fieldValue).map((body) => ({ ...(fields.length > 0 && body) }));
  const query = someOf(
    queried.map(({ name }) => name),
    () => fc.oneof(oddText, fc.constantFrom('1', 'id', 'active', 'day')),
  );
  const segment = fc.oneof(oddText, fc.constantFrom('1', '2', '3'));
  return fc
    .record({ body, query, segments: fc.array(segment, { minLength: 3, maxLength: 3 }) })
    .map(({ body, query, segments: [...left] }) => ({
      target: `${path.replace(/\{[^}]+\}/g, () => left.pop() || '1')}?${Object.entries(query)
        .map(([name, text]) => `${name}=${text}`)
        .join('&')}`,
      body: given && JSON.stringify(body),
    }));
}

/** An account that is logged in, and another one when requests have ended that login. */
function createCallers(service: Administration) {
  let accounts = 0;
  return {
    admin: async (): Promise<string> => (await service.logIn()).body.token,
    async user(): Promise<string> {
      const email = `user${++accounts}@example.com`;
      await service.register(email);
      return (await service.login(email)).body.access;
    },
  };
}

test('operations: every response to any input is documented, and none is a 5xx', async (t) => {
  const service = await startAdministration(t, {
    ...{ GATEPASS_SMTP_URL: 'log:', GATEPASS_PUBLIC_URL: ORIGIN },
  });
  await service.begin();
  await service.register();
  const callers = createCallers(service);

  async function attack(base: string, document: Document, caller: () => Promise<string>) {
    let token = await caller();
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
    );
    for (const { path, method, operation } of operations) {
      // A stream does not end.
      if (path.endsWith('/stream')) continue;
      const requests = requestsOf(path, operation, document);
      const check = async ({ target, body }: { target: string; body: string | undefined }) => {
        const response = await fetch(base + target, {
          method: method.toUpperCase(),
          redirect: 'manual',
          headers: {
            authorization: `Bearer ${token}`,
            ...(base === service.url && { origin: ORIGIN }),
            ...(body !== undefined && { 'content-type': 'application/json' }),
          },
          body: body ?? null,
        });
        const { status } = response;
        const shown = `${status} to ${method} ${target} ${body}: ${await response.text()}`;
        assert.ok(status < 500, shown);
        const documented = `${status}` in operation.responses || status >= 400;
        assert.ok(documented, shown);
        if (status === 401 || status === 204) token = await caller();
      };
      await fc.assert(fc.asyncProperty(requests, check), { seed: SEED, numRuns: RUNS });
    }
    return operations.length;
  }

  const { ask, send, adminUrl, url, log } = service;
  const admin = (await ask('/api/admin/openapi.json')).body;
  const user = (await send('/api/openapi.json')).body;
  assert.ok((await attack(adminUrl, admin, callers.admin)) > 25);
  assert.ok((await attack(url, user, callers.user)) > 40);
  assert.deepEqual(
    log.filter((line) => /"level":(50|60)/.test(line)),
    [],
  );
});
