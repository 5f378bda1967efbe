/**
 * A client as the hooks of ky, axios, ofetch and httpx make it: every request that gets a 401
 * refreshes by itself with what is stored at that moment, and stores what comes back, in whatever
 * order it comes back. Requests and responses take their time, and responses get lost.
 */
import { GIVEN_GRAIN_MS, SPENT_AFTER_MS } from '../../../src/sessions/rotation.ts';
import {
  createModelSession,
  type Decide,
  type Outcome,
  type Presented,
  type Token,
} from './rotation-model.ts';

/** All in milliseconds. */
export type Request = {
  /** After the begin of the burst. */
  readonly delay: number;
  readonly up: number;
  readonly down: number;
  readonly isLost: boolean;
};
export type Step =
  | { readonly kind: 'wait'; readonly milliseconds: number }
  | { readonly kind: 'burst'; readonly requests: readonly Request[] }
  /** The client goes on from another network. */
  | { readonly kind: 'move' };

/** From a request's begin to its response: as long as this holds, no session is lost. */
export const LONGEST_MS = (SPENT_AFTER_MS - GIVEN_GRAIN_MS) / 3;

/** The latest begin of a request in its burst. */
export const LATEST_MS = 300;

type Event = { readonly at: number; readonly run: (at: number) => void };

/** Plays a scenario against the model. */
export function playBursts(steps: readonly Step[], decide?: Decide) {
  const session = createModelSession(decide);
  const trace: Presented[] = [];
  const rotations: number[] = [];
  let stored = session.token();
  let network = 0;
  const events: Event[] = [];
  const plan = (at: number, run: Event['run']): void => {
    const later = events.findIndex((event) => event.at > at);
    events.splice(later === -1 ? events.length : later, 0, { at, run });
  };

  const present = (from: string, token: Token, at: number): Outcome => {
    const { generation } = session.state;
    const outcome = session.present(token, from, at);
    trace.push({ who: 'client', from, at, token, outcome });
    if (session.state.generation > generation) rotations.push(at);
    return outcome;
  };

  const send = (at: number, { up, down, isLost }: Request): void => {
    const token = stored;
    const from = `network ${network}`;
    plan(at + up, (arrived) => {
      const outcome = present(from, token, arrived);
      if (isLost || !outcome.ok) return;
      plan(arrived + down, () => {
        stored = outcome.successor;
      });
    });
  };

  let now = 0;
  for (const step of steps) {
    if (step.kind === 'wait') now += step.milliseconds;
    else if (step.kind === 'move') {
      // Nothing is on its way meanwhile.
      now += LATEST_MS + LONGEST_MS;
      plan(now, () => {
        network++;
      });
    } else for (const each of step.requests) plan(now + each.delay, (at) => send(at, each));
  }
  for (let event = events.shift(); event; event = events.shift()) event.run(event.at);
  return { trace, rotations, session };
}
