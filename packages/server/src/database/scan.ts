/**
 * A list in the order of an index, of rows that a filter wants and no index finds. A request looks at a
 * bounded number of rows and says where it stopped, so that the next one goes on there: the time
 * of each is bounded however rare the rows are. Pure but for the turns that it lets others take.
 */
import { setImmediate as turn } from 'node:timers/promises';

/** The row that a page or a look ends with: what it is sorted by, and its id. */
export type Place = { readonly value: string | number; readonly id: number };

export type Scan<Row> = {
  /** How many rows are wanted. */
  readonly size: number;
  /** How many may be looked at. */
  readonly most: number;
  readonly after: Place | undefined;
  /** The row so many behind `after`; `undefined` = there are fewer. */
  readonly edge: (after: Place | undefined, rows: number) => Promise<Place | undefined>;
  /** Wanted rows behind `after`, up to and with `until`, in order. */
  readonly wanted: (
    after: Place | undefined,
    until: Place | undefined,
    limit: number,
  ) => Promise<readonly Row[]>;
};

/** Rows of the first statement and of later ones: SQLite lets nothing else run for 1 to 4 ms then. */
const FIRST = 250;
const LATER = 1000;

/** `stoppedAt`: there may be more behind it. Absent where all wanted rows were given, or `size` of them. */
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
