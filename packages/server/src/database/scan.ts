/**
 * Lists rows in the order of an index, with a filter that has no index. A request reads a bounded
 * number of rows and returns where it stopped, so that the next one continues there: the time of
 * each request is bounded, however rare the rows are. Pure, except that it yields to the event loop.
 */
import { setImmediate as turn } from 'node:timers/promises';

/** The last row of a page or of a read: its sort value and its id. */
export type Place = { readonly value: string | number; readonly id: number };

export type Scan<Row> = {
  /** How many rows are wanted. */
  readonly size: number;
  /** How many rows may be read. */
  readonly most: number;
  readonly after: Place | undefined;
  /** The row `rows` places after `after`; `undefined` = there are fewer. */
  readonly edge: (after: Place | undefined, rows: number) => Promise<Place | undefined>;
  /** Wanted rows after `after`, up to and including `until`, in order. */
  readonly wanted: (
    after: Place | undefined,
    until: Place | undefined,
    limit: number,
  ) => Promise<readonly Row[]>;
};

/** Rows of the first and of later statements: each blocks the event loop on SQLite for 1 to 4 ms. */
const FIRST = 250;
const LATER = 1000;

/** `stoppedAt`: more rows may follow it. Absent when all wanted rows, or `size` of them, were found. */
export async function scan<Row>({ size, most, after, edge, wanted }: Scan<Row>) {
  const rows: Row[] = [];
  let place = after;
  for (let looked = 0, step = FIRST; ; step = LATER) {
    const portion = Math.min(step, most - looked);
    const until = await edge(place, portion);
    rows.push(...(await wanted(place, until, size - rows.length)));
    if (rows.length >= size || !until) return { rows };
    looked += portion;
    if (looked >= most) return { rows, stoppedAt: until };
    place = until;
    await turn();
  }
}
