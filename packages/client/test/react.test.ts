/** The React bindings in React itself: rendered on a server, and by the client's renderer in a page of sorts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createElement, type ReactNode } from 'react';
import { renderToString } from 'react-dom/server';
import { createClient } from '../src/index.ts';
import { GatepassProvider, useSession, useUser } from '../src/react.ts';
import { createFake, PAIR } from './support/fake-service.ts';

const ALICE = { id: 1, email: 'alice@example.com' };

function Who(): ReactNode {
  const { status } = useSession();
  const { user } = useUser();
  return `${status} ${user?.email ?? 'no user'}`;
}

test('on a server the hook is loading or has the user of this visit, sends no request and keeps nothing', async () => {
  const sent: unknown[] = [];
  const client = createClient({
    url: '/',
    storage: 'cookie',
    fetch: async (input) => {
      sent.push(input);
      return Response.json({});
    },
  });
  const render = (user?: typeof ALICE) =>
    renderToString(createElement(GatepassProvider, { client, user }, createElement(Who)));
  assert.equal(render(), 'loading no user');
  assert.equal(render(ALICE), 'logged_in alice@example.com');
  assert.equal(render(), 'loading no user');
  await client.ready;
  assert.equal(render(), 'loading no user');
  assert.deepEqual(sent, []);
});

test('a hook without the provider throws an error that names the provider', () => {
  assert.throws(() => renderToString(createElement(Who)), /need a GatepassProvider/);
});

test('rendering works with a client outside a browser', async () => {
  const { client } = createFake((call) => (call.startsWith('GET') ? { body: ALICE } : PAIR));
  await client.login('alice@example.com', 'secret');
  const tree = createElement(GatepassProvider, { client }, createElement(Who));
  assert.equal(renderToString(tree), 'loading no user');
});
