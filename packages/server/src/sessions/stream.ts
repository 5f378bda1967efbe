import type { FastifyInstance } from 'fastify';
import { publicView, sequenceNumber } from './feed.ts';
import type { Revocation, RevocationStore } from './revocation-store.ts';
import type { Revocations } from './revocations.ts';

const MAX_STREAMS = 1000;
const HEARTBEAT_MS = 15_000;
const PAGE = 1000;

type Deps = { store: RevocationStore; revocations: Revocations; now: () => number };

/**
 * `GET /api/revocations/stream?after=SEQ`: the feed as server-sent events (WHATWG HTML §9.2), one
 * event a revocation with its `seq` as id, so that a client that reconnects with `Last-Event-ID`
 * misses none. A reader that does not keep up is disconnected and reads on from where it was.
 */
export function mountRevocationStream(
  app: FastifyInstance,
  { store, revocations, now }: Deps,
): void {
  let open = 0;
  const schema = { summary: 'What is being revoked, as server-sent events', tags: ['revocations'] };
  app.get('/api/revocations/stream', { schema }, async (request, reply) => {
    const query = new URLSearchParams(request.url.split('?')[1]).get('after') ?? undefined;
    const lastEventId = request.headers['last-event-id'];
    let sent = sequenceNumber(typeof lastEventId === 'string' ? lastEventId : query);
    if (open >= MAX_STREAMS) return reply.code(503).header('retry-after', '5').send();
    open++;
    reply.hijack();
    const { raw } = reply;
    const write = (text: string) => {
      if (!raw.write(text) && raw.writableLength > 1_000_000) raw.destroy();
    };
    const push = (news: readonly Revocation[]) => {
      for (const revocation of news) {
        if (revocation.seq <= sent) continue;
        sent = revocation.seq;
        write(`id: ${sent}\ndata: ${JSON.stringify(publicView(revocation))}\n\n`);
      }
    };
    raw.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    write(': revocations\n\n');
    const heartbeat = setInterval(() => write(':\n\n'), HEARTBEAT_MS);
    const unlisten = revocations.listen(push);
    raw.once('close', () => {
      open--;
      clearInterval(heartbeat);
      unlisten();
    });
    app.server.once('close', () => raw.end());
    push(await store.after(sent, now(), PAGE));
  });
}
