import type { DatabaseSync, StatementSync } from 'node:sqlite';

export type Snapshot = {
  /** Before each read: the first of a turn opens the snapshot that the others share. */
  enter(): void;
  /** Reads from now on see what is committed now. */
  leave(): void;
};

/** For a connection that writes too: a snapshot would hold its writes back. */
export const NO_SNAPSHOT: Snapshot = { enter() {}, leave() {} };

/**
 * One read transaction for all reads of a turn of the event loop: taking and dropping SQLite's
 * shared lock costs twice what a look-up does (2.9 µs alone, 0.8 within). It ends with the turn,
 * and before this process responds for a commit of its own, so a client that got its response sees what
 * was done; another process's commit is seen from the next turn on.
 */
export function createSnapshot(reader: DatabaseSync): Snapshot {
  let begin: StatementSync | undefined;
  let commit: StatementSync | undefined;
  let isOpen = false;

  function leave(): void {
    if (!isOpen) return;
    isOpen = false;
    // Not open any more: the database was closed, or SQLite has rolled back after a fault.
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
