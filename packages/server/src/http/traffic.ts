import type { Refused } from '../errors.ts';

/** What HTTP tells whoever counts. Where nobody does there is none, and nothing is paid. */
export type Traffic = {
  /** An answer's status is known. `route` is the pattern, `undefined` when none matched. */
  answered(route: string | undefined, method: string, status: number, ms: number): void;
  /** What was no request that could be routed has been refused. */
  refusedUnread(status: number): void;
  /** An answer is a refusal of the domain. */
  refused(code: Refused['code']): void;
  /** A request met a database that cannot serve. */
  databaseFailed(): void;
};
