import { Readable } from 'node:stream';
import { systemTimers, type Timers } from '../clock.ts';
import { unavailable } from '../errors.ts';
import { action } from '../http/action.ts';
import { AFTER, sequenceNumber } from './feed.ts';
import type { FeedLog } from './feed-log.ts';
import type { Revocations } from './revocations.ts';

const MAX_STREAMS = 1000;
const MAX_STREAMS_PER_NETWORK = 50;
const HEARTBEAT_MS = 15_000;
/** A reader that takes nothing for so long makes room for another one. */
const STALLED_MS = 60_000;

type Open = { readonly network: string; end(): void };

export type RevocationStreams = ReturnType<typeof createRevocationStreams>;

type Deps = {
  readonly log: Pick<FeedLog, 'newest' | 'entriesAfter'>;
  readonly revocations: Pick<Revocations, 'listen'>;
  readonly timers?: Timers | undefined;
};

/**
 * The feed as server-sent events (WHATWG HTML §9.2), an event a revocation with its `seq` as id, so
 * that a client that reconnects with `Last-Event-ID` misses none. A reader is given the next page
 * when it has taken the one before, so a slow one costs a page of memory.
 */
export function createRevocationStreams({ log, revocations, timers = systemTimers }: Deps) {
  const open = new Map<Readable, Open>();

  function assertCapacity(network: string): void {
    let own = 0;
    for (const each of open.values()) if (each.network === network) own++;
    if (open.size >= MAX_STREAMS || own >= MAX_STREAMS_PER_NETWORK) throw unavailable(5);
  }

  /** Resolves at the next news, or when it is time for a sign of life, or at the end. */
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
    // Above the newest: the database is not the one this reader knew; it starts over.
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
    open(network: string, after: number): Readable {
      assertCapacity(network);
      const ending = new AbortController();
      const chunks = events(after, ending.signal);
      let cancel = () => {};
      // Readable.from would wait for the next event before it let go of one that is destroyed.
      const stream = new Readable({
        read() {
          cancel();
          chunks.next().then(
            ({ value, done }) => {
              stream.push(done ? null : value);
              cancel = timers.after(STALLED_MS, () => stream.destroy());
            },
            (error) => stream.destroy(error),
          );
        },
        destroy(error, done) {
          cancel();
          open.delete(stream);
          ending.abort();
          done(error);
        },
      });
      open.set(stream, { network, end: () => ending.abort() });
      return stream;
    },

    /** Ends all of them, as a process that stops must. */
    endAll(): void {
      for (const { end } of open.values()) end();
    },

    size: (): number => open.size,
  };
}

/** `GET /api/revocations/stream?after=SEQ` */
export const stream = ({ streams }: { readonly streams: Pick<RevocationStreams, 'open'> }) =>
  action({
    operationId: 'streamRevocations',
    summary: 'What is being revoked, as server-sent events',
    description: 'One event for each entry of the feed above `after` or `Last-Event-ID`.',
    query: { after: AFTER },
    streams: 'text/event-stream',
    handle: ({ request }) =>
      streams.open(
        request.network(),
        sequenceNumber(request.lastEventId() ?? request.query('after')),
      ),
  });
