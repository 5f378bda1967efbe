/** A reader of the revocation stream (server-sent events), for as long as a test wants. */
export type Event = { readonly id: number; readonly data: Record<string, unknown>; at: number };

type Options = { readonly after?: number; readonly lastEventId?: number };

/** Closes with its block (`await using`): a server does not close while a client reads. */
export async function openStream(url: string, options: Options = {}) {
  const { after, lastEventId } = options;
  const controller = new AbortController();
  const query = after === undefined ? '' : `?after=${after}`;
  const response = await fetch(`${url}/api/revocations/stream${query}`, {
    signal: controller.signal,
    headers: { ...(lastEventId !== undefined && { 'last-event-id': String(lastEventId) }) },
    // Cut off before its first byte: a stream without events.
  }).catch(() => undefined);
  const events: Event[] = [];
  const finished = (async () => {
    let text = '';
    for await (const chunk of response?.body ?? []) {
      text += new TextDecoder().decode(chunk);
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const id = /^id: (\d+)$/m.exec(block)?.[1];
        const data = /^data: (.*)$/m.exec(block)?.[1];
        if (id && data)
          events.push({ id: Number(id), data: JSON.parse(data), at: performance.now() });
      }
    }
  })().catch(() => {});
  const close = async (): Promise<void> => {
    controller.abort();
    await finished;
  };
  return {
    response,
    events,
    /** Resolves to what has arrived when there are `count` events, or time is up. */
    async until(count: number, milliseconds = 60_000): Promise<Event[]> {
      const deadline = performance.now() + milliseconds;
      while (events.length < count && performance.now() < deadline)
        await new Promise((resolve) => setTimeout(resolve, 5));
      return events;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
