import type { DatabaseSync, StatementSync } from 'node:sqlite';

export type Snapshot = {
  /** Called before each read: the first read of a turn opens the snapshot that the others share. */
  enter(): void;
  /** Later reads see what is committed by now. */
  leave(): void;
};

/** For a connection that also writes: a snapshot would block its writes. */
export const NO_SNAPSHOT: Snapshot = { enter() {}, leave() {} };

/**
 * One read transaction for all reads of a turn of the event loop: taking and releasing SQLite's
 * shared lock costs twice as much as a look-up (2.9 µs alone, 0.8 within). It ends with the turn, and
 * before this process responds after a commit, so a client sees its own change; commits of other
 * processes are seen from the next turn on.
 */
export function createSnapshot(reader: DatabaseSync): Snapshot {
  let begin: StatementSync | undefined;
  let commit: StatementSync | undefined;
  let isOpen = false;

  function leave(): void {
    if (!isOpen) return;
    isOpen = false;
    // The database was closed, or SQLite has rolled back after an error.
    if (!reader.isOpen || !reader.isTransaction) return;
    commit ??= reader.prepare('COMMIT');
    commit.run();
  }

  return {
    enter() {
      if (isOpen) return;
      begin ??= reader.prepare('BEGIN');
      begin.run();
      isOpen = true;
      setImmediate(leave);
    },
    leave,
  };
}
