/** Sends requests to the server, measures, and checks each response. */
import type { Weather } from './weather.ts';

export type Caller = ReturnType<typeof createCaller>;

type Call = {
  /** The name of the request in the table. */
  readonly kind: string;
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly access?: string;
  /** The client's address, as a proxy would send it. */
  readonly address: string;
  /** The expected statuses, besides 503 during a fault. */
  readonly expect: readonly number[];
  /** The client disconnects after this many milliseconds, with or without a response. */
  readonly hangUpAfter?: number;
};

export type Answer = { readonly status: number; readonly body: Record<string, unknown> };
type Figures = { readonly calm: number[]; readonly rough: number[]; refused: number };

// Longer than any fault: a request that waits longer was lost.
const PATIENCE_MS = 20_000;

/** @param onUnexpected told at once, because a soak may be long */
export function createCaller(
  url: string,
  weather: Weather,
  onUnexpected: (sentence: string) => void,
) {
  const figures = new Map<string, Figures>();
  const unexpected: string[] = [];
  let broken = 0;

  const figuresOf = (kind: string): Figures => {
    const known = figures.get(kind) ?? { calm: [], rough: [], refused: 0 };
    figures.set(kind, known);
    return known;
  };

  async function send(call: Call): Promise<Answer | undefined> {
    const { method = 'POST', body, access, address, hangUpAfter = PATIENCE_MS } = call;
    const response = await fetch(url + call.path, {
      method,
      headers: {
        'x-forwarded-for': address,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(access && { authorization: `Bearer ${access}` }),
        ...call.headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(hangUpAfter),
    });
    const text = await response.text();
    return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : {} };
  }

  return {
    unexpected,

    /** Records a violation. */
    complain(sentence: string): void {
      const line = `${new Date().toISOString()} ${sentence}`;
      unexpected.push(line);
      onUnexpected(line);
    },

    /** @returns the answer when it is one of those expected */
    async call(call: Call): Promise<Answer | undefined> {
      const begin = performance.now();
      const answer = await send(call).catch(() => undefined);
      if (!answer) {
        if (call.hangUpAfter !== undefined) return undefined;
        if (weather.mayBreak(begin)) broken++;
        else this.complain(`${call.kind} ${call.path}: no answer`);
        return undefined;
      }
      const { calm, rough } = figuresOf(call.kind);
      const ms = performance.now() - begin;
      (weather.isCalm(begin) ? calm : rough).push(ms);
      if (call.expect.includes(answer.status)) return answer;
      if (answer.status === 503 && weather.mayRefuse(begin)) figuresOf(call.kind).refused++;
      else {
        const { detail = '', reason = '' } = answer.body;
        const after = `after ${Math.round(ms)} ms`;
        this.complain(`${call.kind} ${call.path}: ${answer.status} ${after} ${detail} ${reason}`);
      }
      return undefined;
    },

    /** Connections that broke when a worker was killed. */
    broken: () => broken,

    figures: (): ReadonlyMap<string, Figures> => figures,
  };
}
