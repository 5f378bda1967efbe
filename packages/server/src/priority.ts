/** The priority of threads that work beside requests. */
import { setPriority } from 'node:os';

// At 19, the lowest, a login beside four programs of normal priority on two cores took two seconds instead
// of 0.3, and verify in a flood was hardly faster (decision 029).
const LOW = 10;

/** Called by a thread that requests need not wait for, at its start. Elsewhere than on Linux it does nothing. */
export function yieldToRequests(): void {
  // Only Linux sets the priority of the calling thread alone; elsewhere it is that of the process.
  if (process.platform !== 'linux') return;
  try {
    setPriority(LOW);
  } catch {
    // A sandbox may forbid it; logins and mails at normal priority are better than none.
  }
}
