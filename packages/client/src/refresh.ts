/** Replaces the access token: one request at a time, however many callers ask. */
import { persist } from './calls.ts';
import { GatepassError, hasCode } from './errors.ts';
import type { Exchanges } from './exchanges.ts';
import type { SessionHolder } from './session.ts';
import type { Tokens } from './tokens.ts';

/**
 * The tokens of a response, by its request and the time it was sent. Without rotation the old refresh
 * token stays; '' stands for the cookie.
 */
export async function received(
  at: number,
  answer: Promise<unknown>,
  previous?: string,
): Promise<Tokens> {
  const { access, refresh = previous } = { ...((await answer) as Partial<Tokens> | undefined) };
  // A captive portal answers 200 too.
  if (typeof access !== 'string' || typeof refresh !== 'string')
    throw new GatepassError('unexpected');
  return { access, refresh, at };
}

/** @returns a function that gets newer tokens than those with the access token `stale`; '' = the first */
export function createRefresh(
  session: SessionHolder,
  renew: Exchanges['renew'],
  now: () => number,
) {
  let inFlight: Promise<Tokens> | undefined;

  async function run(stale: string): Promise<Tokens> {
    await session.catchUp();
    const tokens = await session.read();
    const before = tokens?.access ?? '';
    // Another tab was faster, or logged out.
    if (before !== stale) return required(tokens);

    const refresh = tokens?.refresh ?? '';
    // The same token each time: the service answers the same successor when its first answer was lost.
    const outcome = await persist(() => received(now(), renew(refresh), refresh)).catch(
      (error: unknown) => ({ error }),
    );

    // A logout or another login came meanwhile: this response belongs to neither.
    const current = await session.read();
    if ((current?.access ?? '') !== before) return required(current);
    if ('error' in outcome) {
      if (hasCode(outcome.error, 'session_ended')) await session.clear('session_ended');
      throw outcome.error;
    }
    await session.save(outcome, tokens ? 'refresh' : 'tell');
    return outcome;
  }

  return (stale: string): Promise<Tokens> => {
    inFlight ??= session
      .inTurn(() => run(stale))
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
