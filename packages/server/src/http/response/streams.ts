import { Readable } from 'node:stream';
import type { Timers } from '../../clock.ts';
import { unavailable } from '../../errors.ts';

const MAX_STREAMS = 1000;
/** A reader that reads nothing for this long is disconnected. */
const STALLED_MS = 60_000;

/** Bytes beyond which no further part is made. */
const AHEAD = 16_384;

type Open = { readonly owner: string; end(): void };

/** Makes the parts of a stream, each after the one before was read, until `ended`. */
export type Source = (ended: AbortSignal) => AsyncGenerator<string>;

/**
 * Responses without an end. A reader gets the next part when it has read the one before, so a slow
 * reader costs the memory of one part.
 *
 * @param mostOfOne how many one owner may have open
 */
export function createStreams(mostOfOne: number, timers: Timers) {
  const open = new Map<Readable, Open>();

  function assertCapacity(owner: string): void {
    let own = 0;
    for (const each of open.values()) if (each.owner === owner) own++;
    if (open.size >= MAX_STREAMS || own >= mostOfOne) throw unavailable(5);
  }

  return {
    /** @throws {Refusal} `unavailable` when there are too many, of all or of this owner */
    open(owner: string, source: Source): Readable {
      assertCapacity(owner);
      const ending = new AbortController();
      const parts = source(ending.signal);
      // Readable.from would wait for the next part before it releases a destroyed stream.
      const stream = new Readable({
        highWaterMark: AHEAD,
        read() {
          cancel();
          parts.next().then(
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
      // If the client has disconnected meanwhile, the stream may never be read.
      let cancel = timers.after(STALLED_MS, () => stream.destroy());
      open.set(stream, { owner, end: () => ending.abort() });
      return stream;
    },

    /** Ends all streams, for a stopping process; does not wait for slow readers. */
    endAll(): void {
      for (const [stream, { end }] of open) {
        end();
        if (stream.readableLength > 0) stream.destroy();
      }
    },

    size: (): number => open.size,
  };
}
