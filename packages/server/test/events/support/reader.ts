/** Programs that read events, each with a key, over HTTP. */
import type { TestContext } from 'node:test';
import type { Event } from '../../../src/events/event.ts';
import { startAdministration } from '../../admin/support/administration.ts';
import type { startService } from '../../support/service.ts';

type Observers = Parameters<typeof startService>[2];
export type Page = { readonly events: Event[]; readonly next: number; readonly newest: number };

export async function startEvents(
  t: TestContext,
  variables: Record<string, string> = {},
  observers: Observers = {},
) {
  const admin = await startAdministration(t, variables, observers);
  const token = await admin.begin();
  const newKey = async (scopes: readonly string[] = ['events:read'], days = 90) => {
    const body = { name: 'reader', scopes, days };
    const answer = await admin.ask('/api/admin/api_keys', { method: 'POST', body }, token);
    return String(answer.body.key);
  };
  const key = await newKey();
  const ask = (query = '', given = key) =>
    admin.send(`/api/events${query}`, { headers: { authorization: `Bearer ${given}` } });
  const read = async (query = ''): Promise<Page> => {
    const { status, body, text } = await ask(query);
    if (status !== 200) throw new Error(text);
    return body;
  };
  return { ...admin, token, key, newKey, askEvents: ask, read };
}

type Options = { readonly after?: number; readonly lastEventId?: number; readonly types?: string };

/** Closes with its block (`await using`): a server does not close while a client reads. */
export async function openEvents(url: string, key: string, options: Options = {}) {
  const { after, lastEventId, types } = options;
  const query = new URLSearchParams({
    ...(after !== undefined && { after: String(after) }),
    ...(types !== undefined && { types }),
  });
  const controller = new AbortController();
  const response = await fetch(`${url}/api/events/stream?${query}`, {
    signal: controller.signal,
    headers: {
      authorization: `Bearer ${key}`,
      ...(lastEventId !== undefined && { 'last-event-id': String(lastEventId) }),
    },
  });
  const events: Event[] = [];
  let position = after ?? 0;
  const ended = (async () => {
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        position = Number(/^id: (\d+)$/m.exec(block)?.[1] ?? position);
        const data = /^data: (.*)$/m.exec(block)?.[1];
        if (data) events.push(JSON.parse(data));
      }
    }
  })().catch(() => {});
  const close = async (): Promise<void> => {
    controller.abort();
    await ended;
  };
  return {
    response,
    events,
    /** The id that came last, with an event or alone. */
    position: () => position,
    /** Resolves when either side has ended the stream. */
    ended,
    close,
    [Symbol.asyncDispose]: close,
  };
}
