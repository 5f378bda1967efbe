import type { ApiKey } from '../api-keys/store.ts';
import { systemTimers, type Timers } from '../clock.ts';
import { isDatabaseUnavailable } from '../database/faults.ts';
import { type Action, action } from '../http/action.ts';
import { createStreams } from '../http/response/streams.ts';
import type { RequestLimit } from '../throttle/request-limit.ts';
import type { Event, EventType } from './event.ts';
import type { Events } from './events.ts';
import { numberOf, QUERY, readable, typesOf } from './question.ts';

const MAX_STREAMS_PER_KEY = 5;
/** How soon a stream has an event. */
const POLL_MS = 250;
/** The pause between pages for a reader that is behind, so that others have their turn. */
const PACE_MS = 20;
const HEARTBEAT_MS = 15_000;
/** The longest that a stream outlives its key. */
const KEY_CHECKED_EVERY_MS = 2000;

type EventStreams = ReturnType<typeof createEventStreams>;

type Deps = {
  readonly events: Events;
  /** Whether a key that was accepted has been neither revoked since, nor expired. */
  readonly isKeyLive: (id: string) => Promise<boolean>;
  readonly timers?: Timers | undefined;
};

type Asked = { readonly after: number; readonly types: readonly EventType[] | undefined };

/**
 * The same events as they happen, as server-sent events (WHATWG HTML §9.2) with their `seq` as id.
 * When a reader's types are rare, an id alone tells it from time to time how far it has come.
 */
export function createEventStreams({ events, isKeyLive, timers = systemTimers }: Deps) {
  const streams = createStreams(MAX_STREAMS_PER_KEY, timers);

  const pause = (milliseconds: number, ended: AbortSignal) =>
    new Promise<void>((resolve) => {
      const goOn = () => {
        cancel();
        ended.removeEventListener('abort', goOn);
        resolve();
      };
      const cancel = timers.after(milliseconds, goOn);
      ended.addEventListener('abort', goOn);
    });

  async function* parts(keyId: string, { after, types }: Asked, ended: AbortSignal) {
    yield ': events\n\n';
    let [sent, toldAt, checkedAt] = [after, timers.elapsed(), timers.elapsed()];
    while (!ended.aborted) {
      if (timers.elapsed() - checkedAt >= KEY_CHECKED_EVERY_MS) {
        if (!(await isKeyLive(keyId))) return;
        checkedAt = timers.elapsed();
      }
      const page = await events.page({ after: sent, types, maxAge: POLL_MS });
      // The reader gets the refusal when it reconnects.
      if (page.state === 'gone') return;
      sent = page.next;
      const isSilent = timers.elapsed() - toldAt >= HEARTBEAT_MS;
      if (page.events.length > 0 || isSilent) {
        yield page.events.length > 0 ? page.events.map(textOf).join('') : position(sent);
        toldAt = timers.elapsed();
      }
      if (!ended.aborted) await pause(sent < page.newest ? PACE_MS : POLL_MS, ended);
    }
  }

  /** Ends the stream when the database fails; the reader reconnects. */
  async function* untilFault(source: AsyncGenerator<string>): AsyncGenerator<string> {
    try {
      yield* source;
    } catch (error) {
      if (!isDatabaseUnavailable(error)) throw error;
    }
  }

  return {
    /** @throws {Refusal} `unavailable`, `events_gone` */
    async open(keyId: string, asked: Asked) {
      readable(await events.page({ ...asked, limit: 1 }));
      return streams.open(keyId, (ended) => untilFault(parts(keyId, asked, ended)));
    },
    endAll: streams.endAll,
    size: streams.size,
  };
}

const textOf = (event: Event) => `id: ${event.seq}\ndata: ${JSON.stringify(event)}\n\n`;

const position = (seq: number) => (seq > 0 ? `id: ${seq}\n\n` : ':\n\n');

type On = {
  readonly eventStreams: Pick<EventStreams, 'open'>;
  /** Counted per key. */
  readonly eventLimit: RequestLimit;
};

/** `GET /api/events/stream?after=SEQ` */
export const streamEvents = ({ eventStreams, eventLimit }: On): Action<ApiKey> =>
  action({
    operationId: 'streamEvents',
    summary: 'Events of accounts and sessions, as server-sent events',
    description:
      'The data of each is an `Event` above `after` or `Last-Event-ID`. Ends with its API key. ' +
      'Needs the scope `events:read`.',
    query: QUERY,
    refuses: [403, 410, 429],
    streams: 'text/event-stream',
    handle({ caller, request }) {
      eventLimit(caller.id);
      const given = request.lastEventId() ?? request.query('after') ?? '0';
      const after = numberOf('after', given, 0, Number.MAX_SAFE_INTEGER);
      return eventStreams.open(caller.id, { after, types: typesOf(request) });
    },
  });
