import { systemTimers, type Timers } from '../clock.ts';
import { action } from '../http/action.ts';
import { createStreams } from '../http/response/streams.ts';
import { AFTER, sequenceNumber } from './feed.ts';
import type { FeedLog } from './feed-log.ts';
import type { Revocations } from './revocations.ts';

const MAX_STREAMS_PER_NETWORK = 50;
const HEARTBEAT_MS = 15_000;

type RevocationStreams = ReturnType<typeof createRevocationStreams>;

type Deps = {
  readonly log: Pick<FeedLog, 'newest' | 'entriesAfter'>;
  readonly revocations: Pick<Revocations, 'listen'>;
  readonly timers?: Timers | undefined;
};

/**
 * The feed as server-sent events (WHATWG HTML §9.2), one event per revocation with its `seq` as id,
 * so that a client that reconnects with `Last-Event-ID` misses none.
 */
export function createRevocationStreams({ log, revocations, timers = systemTimers }: Deps) {
  const streams = createStreams(MAX_STREAMS_PER_NETWORK, timers);

  /** Resolves at the next revocation, when a heartbeat is due, or at the end. */
  const pause = (ended: AbortSignal) =>
    new Promise<void>((resolve) => {
      const goOn = () => {
        unlisten();
        cancel();
        ended.removeEventListener('abort', goOn);
        resolve();
      };
      const unlisten = revocations.listen(goOn);
      const cancel = timers.after(HEARTBEAT_MS, goOn);
      ended.addEventListener('abort', goOn);
    });

  async function* events(asked: number, ended: AbortSignal): AsyncGenerator<string> {
    yield ': revocations\n\n';
    // A number above the newest means that this reader knew another database, so it starts over.
    let sent = asked > log.newest() ? 0 : asked;
    while (!ended.aborted) {
      const newest = log.newest();
      const entries = log.entriesAfter(sent);
      const last = entries.at(-1);
      if (last) {
        sent = last.seq;
        yield entries.map(({ seq, json }) => `id: ${seq}\ndata: ${json}\n\n`).join('');
        continue;
      }
      sent = Math.max(sent, newest);
      await pause(ended);
      if (log.newest() === newest && !ended.aborted) yield ':\n\n';
    }
  }

  return {
    /** @throws {Refusal} `unavailable` when there are too many, of all or of this network */
    open: (network: string, after: number) =>
      streams.open(network, (ended) => events(after, ended)),
    endAll: streams.endAll,
    size: streams.size,
  };
}

/** `GET /api/revocations/stream?after=SEQ` */
export const stream = ({ streams }: { readonly streams: Pick<RevocationStreams, 'open'> }) =>
  action({
    operationId: 'streamRevocations',
    summary: 'The revocations as server-sent events',
    description: 'One event for each entry of the feed above `after` or `Last-Event-ID`.',
    query: { after: AFTER },
    streams: 'text/event-stream',
    handle: ({ request }) =>
      streams.open(
        request.network(),
        sequenceNumber(request.lastEventId() ?? request.query('after')),
      ),
  });
