/** Replaces the access token: one request at a time, whoever and however many ask. */
import { type Calls, persist } from './calls.ts';
import { GatepassError, hasCode } from './errors.ts';
import type { SessionHolder } from './session.ts';
import type { Tokens } from './tokens.ts';

type Deps = { session: SessionHolder; call: Calls['call']; now: () => number };

/** A token pair from the service's answer; without rotation the old refresh token stays. */
export function received(answer: unknown, at: number, previous?: string): Tokens {
  const { access, refresh = previous } = { ...(answer as Partial<Tokens> | undefined) };
  // A captive portal answers 200 too.
  if (typeof access !== 'string' || typeof refresh !== 'string')
    throw new GatepassError('unexpected');
  return { access, refresh, at };
}

/** @returns a function that gets newer tokens than those with the access token `stale` */
export function createRefresh({ session, call, now }: Deps) {
  let inFlight: Promise<Tokens> | undefined;

  async function exchange({ refresh }: Tokens): Promise<Tokens> {
    const at = now();
    const answer = await call(
      'POST',
      '/api/token/refresh',
      { refresh },
      { denied: 'session_ended' },
    );
    return received(answer, at, refresh);
  }

  async function run(stale: string): Promise<Tokens> {
    await session.catchUp();
    const tokens = await session.read();
    // Another tab was faster, or logged out.
    if (tokens?.access !== stale) return required(tokens);

    // The same token each time: the service answers the same successor when its first answer was lost.
    const outcome = await persist(() => exchange(tokens)).then(
      (renewed) => ({ renewed }),
      (error: unknown) => ({ error }),
    );

    // Meanwhile somebody may have logged out, or logged in: then this answer is nobody's.
    const current = await session.read();
    if (current?.refresh !== tokens.refresh) return required(current);
    if ('error' in outcome) {
      const { error } = outcome;
      if (hasCode(error, 'session_ended')) await session.clear('session_ended');
      throw error;
    }
    await session.save(outcome.renewed, 'refresh');
    return outcome.renewed;
  }

  return (stale: string): Promise<Tokens> => {
    inFlight ??= session
      .exclusively(() => run(stale))
      .finally(() => {
        inFlight = undefined;
      });
    return inFlight;
  };
}

function required(tokens: Tokens | undefined): Tokens {
  if (!tokens) throw new GatepassError('session_ended');
  return tokens;
}
