/** An admission whose tasks end when the test says so. */
import type { TestContext } from 'node:test';
import { Refusal } from '../../../src/errors.ts';
import { createAdmission, type RejectionReason } from '../../../src/passwords/admission.ts';
import type { Lane } from '../../../src/passwords/fair-queue.ts';

export const TASK_MS = 10;
export const LIMITS = {
  slots: 1,
  ahead: 0,
  queueLimit: 64,
  maxWaitMs: 60_000,
  expectedTaskMs: TASK_MS,
};

/** Tasks that run until `finish`, on a clock that moves a task's time with each of them. */
export function createHall(t: TestContext, limits: Partial<typeof LIMITS> = {}) {
  let now = 0;
  const ran: string[] = [];
  const rejected: RejectionReason[] = [];
  const open: (() => void)[] = [];
  const observer = { rejected: (reason: RejectionReason) => rejected.push(reason) };
  const admission = createAdmission({ ...LIMITS, ...limits }, observer, () => now);
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const finish = async (count = 1) => {
    for (let i = 0; i < count; i++) {
      now += TASK_MS;
      open.shift()?.();
      await settle();
    }
  };
  t.after(() => finish(100));
  const ask = (network: string, lane: Lane = 'compare', signal?: AbortSignal) => {
    const task = () => {
      ran.push(network);
      return new Promise<{ ms: number }>((resolve) => open.push(() => resolve({ ms: TASK_MS })));
    };
    const answer = admission.run(lane, { network, ...(signal && { signal }) }, task);
    return answer.then(
      () => 'done' as const,
      (error) => error,
    );
  };
  return {
    ran,
    rejected,
    admission,
    /** Resolves to `'done'` or the error; never rejects. */
    ask,
    /** Asks, and leaves the response to itself. */
    enter: (network: string, lane?: Lane) => void ask(network, lane),
    finish,
  };
}

export const isRefusal = (answer: unknown): answer is Refusal =>
  answer instanceof Refusal && answer.kind.code === 'unavailable';
