import { Readable } from 'node:stream';
import type { Timers } from '../../clock.ts';
import { unavailable } from '../../errors.ts';

const MAX_STREAMS = 1000;
/** A reader that takes nothing for so long makes room for another one. */
const STALLED_MS = 60_000;

/** Bytes beyond which no further part is made. */
const AHEAD = 16_384;

type Open = { readonly owner: string; end(): void };

/** Makes the parts of a stream, one when the one before was taken, until `ended`. */
export type Source = (ended: AbortSignal) => AsyncGenerator<string>;

/**
 * Responses without an end. A reader is given the next part when it has taken the one before, so a
 * slow one costs a part of memory.
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
      // Readable.from would wait for the next part before it let go of one that is destroyed.
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
      // One whose client has gone meanwhile may never be read at all.
      let cancel = timers.after(STALLED_MS, () => stream.destroy());
      open.set(stream, { owner, end: () => ending.abort() });
      return stream;
    },

    /** Ends all of them, as a process that stops must. It does not wait for readers that are behind. */
    endAll(): void {
      for (const [stream, { end }] of open) {
        end();
        if (stream.readableLength > 0) stream.destroy();
      }
    },

    size: (): number => open.size,
  };
}
