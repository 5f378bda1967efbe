import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { Refusal } from '../errors.ts';
import type { Http } from '../http/server.ts';
import { publicView, sequenceNumber } from './feed.ts';
import type { Revocations } from './revocations.ts';
import type { Revocation, RevocationStore } from './store.ts';

const MAX_STREAMS = 1000;
const MAX_STREAMS_PER_ADDRESS = 50;
const MAX_UNREAD_BYTES = 1_000_000;
const HEARTBEAT_MS = 15_000;
const PAGE = 1000;

type Deps = {
  store: RevocationStore;
  revocations: Revocations;
  now: () => number;
  publishUsers: boolean;
};

/**
 * `GET /api/revocations/stream?after=SEQ`: the feed as server-sent events (WHATWG HTML §9.2), one
 * event a revocation with its `seq` as id, so that a client that reconnects with `Last-Event-ID`
 * misses none. A reader that does not keep up is disconnected and reads on from where it was.
 */
export function mountRevocationStream({ app, addressOf }: Http, deps: Deps): void {
  const { store, revocations, now, publishUsers } = deps;
  const streams = new Map<ServerResponse, string>();
  app.addHook('preClose', async () => {
    for (const stream of streams.keys()) stream.end();
  });

  function admit(address: string): void {
    const own = [...streams.values()].filter((each) => each === address).length;
    if (streams.size >= MAX_STREAMS || own >= MAX_STREAMS_PER_ADDRESS)
      throw new Refusal({ code: 'unavailable', retryAfterSeconds: 5 });
  }

  app.route({
    method: 'GET',
    url: '/api/revocations/stream',
    exposeHeadRoute: false,
    schema: {
      summary: 'What is being revoked, as server-sent events',
      tags: ['revocations'],
      querystring: { type: 'object', properties: { after: { type: 'string' } } },
    },
    async handler(request, reply) {
      const query = new URLSearchParams(request.url.split('?')[1]).get('after') ?? undefined;
      const lastEventId = request.headers['last-event-id'];
      const asked = sequenceNumber(typeof lastEventId === 'string' ? lastEventId : query);
      const address = addressOf(request);
      admit(address);
      // Above the newest: the database is not the one this reader knew; it starts over.
      let sent = asked > (await store.newest()) ? 0 : asked;
      reply.hijack();
      const { raw } = reply;
      for (const [name, value] of Object.entries(reply.getHeaders()))
        if (value !== undefined) raw.setHeader(name, value);
      raw.writeHead(200, { 'content-type': 'text/event-stream' });
      const write = (text: string) => {
        raw.write(text);
        if (raw.writableLength > MAX_UNREAD_BYTES) raw.destroy();
      };
      const push = (news: readonly Revocation[]) => {
        for (const revocation of news) {
          if (revocation.seq <= sent) continue;
          sent = revocation.seq;
          if (revocation.kind === 'user' && !publishUsers) continue;
          write(`id: ${sent}\ndata: ${JSON.stringify(publicView(revocation))}\n\n`);
        }
      };
      streams.set(raw, address);
      const gone = new AbortController();
      raw.once('close', () => {
        streams.delete(raw);
        gone.abort();
      });
      write(': revocations\n\n');
      // News that comes while the past is read is read with it, so that none overtakes another.
      let isLive = false;
      let isBehind = true;
      const unlisten = revocations.listen((news) => {
        if (isLive) push(news);
        else isBehind = true;
      });
      while (isBehind && !raw.destroyed) {
        isBehind = false;
        const page = await store.after(sent, now(), PAGE);
        push(page);
        isBehind ||= page.length === PAGE;
        if (raw.writableNeedDrain)
          await once(raw, 'drain', { signal: gone.signal }).catch(() => {});
      }
      isLive = true;
      const heartbeat = setInterval(() => write(':\n\n'), HEARTBEAT_MS);
      const leave = () => {
        clearInterval(heartbeat);
        unlisten();
      };
      if (raw.destroyed) leave();
      else raw.once('close', leave);
    },
  });
}
