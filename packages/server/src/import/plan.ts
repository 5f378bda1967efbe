import type { Arrival } from '../users/user.ts';
import { type Candidate, examine, type Fault, type FaultCode } from './candidate.ts';

/** What an import would do; nothing is written yet. */
export type Plan = {
  readonly arrivals: readonly Arrival[];
  /** Rows whose account is here already, with the same id and address. */
  readonly present: number;
  /** The ids of both, as far as the source names them. */
  readonly ids: ReadonlySet<number>;
  readonly faults: readonly Fault[];
};

type Known = readonly { readonly id: number; readonly canonical: string }[];

/**
 * Sorts the rows of a source into accounts to be made, accounts that are here and faults. Of rows
 * that share an address or an id every one is a fault: which is the right one is not ours to guess.
 *
 * @param findPresent the accounts here that have an id or an address of these
 * @param now epoch milliseconds
 */
export async function planImport(
  candidates: readonly Candidate[],
  findPresent: (arrivals: readonly Arrival[]) => Promise<Known>,
  now: number,
): Promise<Plan> {
  const faults: Fault[] = [];
  const blame = ({ place, email }: Candidate, code: FaultCode) => {
    faults.push({ place, email: typeof email === 'string' ? email.slice(0, 254) : '', code });
  };
  const readable: Readable[] = [];
  for (const candidate of candidates) {
    const arrival = examine(candidate, now);
    if (typeof arrival === 'string') blame(candidate, arrival);
    else readable.push({ candidate, arrival });
  }
  const single = withoutRepeated(readable, blame);
  const known = await findPresent(single.map(({ arrival }) => arrival));
  const idOfEmail = new Map(known.map(({ id, canonical }) => [canonical, id]));
  const takenIds = new Set(known.map(({ id }) => id));
  const arrivals: Arrival[] = [];
  const here: Arrival[] = [];
  for (const { candidate, arrival } of single) {
    const holder = idOfEmail.get(arrival.email.canonical);
    if (holder !== undefined) {
      if (arrival.id === undefined || holder === arrival.id) here.push(arrival);
      else blame(candidate, 'email_taken');
    } else if (takenIds.has(arrival.id ?? 0)) blame(candidate, 'id_taken');
    else arrivals.push(arrival);
  }
  const ids = new Set([...arrivals, ...here].flatMap(({ id }) => id ?? []));
  return { arrivals, present: here.length, ids, faults };
}

type Readable = { readonly candidate: Candidate; readonly arrival: Arrival };

function withoutRepeated(
  rows: readonly Readable[],
  blame: (candidate: Candidate, code: FaultCode) => void,
): Readable[] {
  const emails = count(rows.map(({ arrival }) => arrival.email.canonical));
  const ids = count(rows.flatMap(({ arrival }) => arrival.id ?? []));
  return rows.filter(({ candidate, arrival }) => {
    if ((emails.get(arrival.email.canonical) ?? 0) > 1) blame(candidate, 'duplicate_email');
    else if ((ids.get(arrival.id ?? 0) ?? 0) > 1) blame(candidate, 'duplicate_id');
    else return true;
    return false;
  });
}

function count<T>(values: readonly T[]): ReadonlyMap<T, number> {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
