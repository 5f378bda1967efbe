/** A `fetch` that writes down what passes and can lose answers on their way back. */
import type { Fetch } from '../../src/calls.ts';

export type Wire = ReturnType<typeof createWire>;

export function createWire() {
  const sent: string[] = [];
  const answers: string[] = [];
  let isLost = (_call: string): boolean => false;

  const send: Fetch = async (input, init) => {
    const request = new Request(input, init);
    const call = `${request.method} ${new URL(request.url).pathname}`;
    sent.push(call);
    const response = await fetch(request);
    // The service has handled it; only its answer does not arrive.
    if (isLost(call)) {
      answers.push(await response.text());
      throw new TypeError('terminated');
    }
    answers.push(await response.clone().text());
    return response;
  };

  return {
    fetch: send,
    /** `METHOD /path` of each request, in order. */
    sent,
    /** The bodies the service answered, arrived or lost. */
    answers,
    count: (call: string) => sent.filter((each) => each === call).length,
    /** Loses the next answers to a call. */
    lose(call: string, times: number) {
      let left = times;
      isLost = (each) => each === call && left-- > 0;
    },
  };
}

export const REFRESH = 'POST /api/token/refresh';
export const ME = 'GET /api/users/me';
