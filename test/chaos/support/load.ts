/** Requests at a given rate, and their latencies. */
import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export type Sample = { readonly status: number; readonly ms: number };
type Answered = Sample & { readonly text: string; readonly headers: IncomingHttpHeaders };
type Send = () => { readonly path: string; readonly body: object; readonly from?: string };

const TICK_MS = 5;

/** Sends requests over connections that are kept open; status 0 = the connection broke. */
export function createSender(url: string) {
  const agent = new Agent({ keepAlive: true });
  const send = (
    path: string,
    body: object,
    from?: string,
    more: Readonly<Record<string, string>> = {},
  ): Promise<Answered> =>
    new Promise((resolve) => {
      const start = performance.now();
      const text = JSON.stringify(body);
      const headers = {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text),
        ...(from && { 'x-forwarded-for': from }),
        ...more,
      };
      const end = (status: number, answer = '', headers: IncomingHttpHeaders = {}) =>
        resolve({ status, text: answer, ms: performance.now() - start, headers });
      const sent = request(url + path, { method: 'POST', agent, headers }, (response) => {
        const parts: Buffer[] = [];
        const { statusCode = 0, headers: answered } = response;
        response.on('data', (part) => parts.push(part));
        response.on('end', () => end(statusCode, Buffer.concat(parts).toString(), answered));
        response.on('error', () => end(0));
      });
      sent.on('error', () => end(0));
      sent.end(text);
    });
  return { send, close: () => agent.destroy() };
}

export type Sender = ReturnType<typeof createSender>;

/** Sends `perSecond` requests for so many seconds, whatever the responses; resolves when all have a response. */
export function apply(sender: Sender, perSecond: number, seconds: number, next: Send) {
  const pending: Promise<Sample>[] = [];
  const start = performance.now();
  return new Promise<Sample[]>((resolve) => {
    const timer = setInterval(() => {
      const elapsed = Math.min((performance.now() - start) / 1000, seconds);
      while (pending.length < elapsed * perSecond) {
        const { path, body, from } = next();
        pending.push(sender.send(path, body, from));
      }
      if (elapsed < seconds) return;
      clearInterval(timer);
      resolve(Promise.all(pending));
    }, TICK_MS);
  });
}

/** Sends at most `perSecond` requests, each after the response to the last: a slow machine gets fewer, not a queue. */
export async function applyInTurn(sender: Sender, perSecond: number, seconds: number, next: Send) {
  const samples: Sample[] = [];
  const until = performance.now() + 1000 * seconds;
  while (performance.now() < until) {
    const { path, body, from } = next();
    samples.push(await sender.send(path, body, from));
    await sleep(1000 / perSecond);
  }
  return samples;
}

/** The percentile of the latencies, in whole milliseconds, rounded up: 0 says that nothing was measured. */
export function percentile(samples: readonly Sample[], share: number): number {
  const times = samples.map(({ ms }) => ms).sort((a, b) => a - b);
  return Math.ceil(times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0);
}

/** The share of requests with this status; 0 without requests. */
export const shareOf = (samples: readonly Sample[], wanted: number) =>
  samples.filter(({ status }) => status === wanted).length / Math.max(1, samples.length);
