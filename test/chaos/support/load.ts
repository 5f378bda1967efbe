/** Requests at a given rate, whether or not the ones before have been answered, and their times. */
import { Agent, request } from 'node:http';

export type Sample = { readonly status: number; readonly ms: number };
type Send = () => { readonly path: string; readonly body: object; readonly from?: string };

const TICK_MS = 5;

/** One request over a connection that is kept; status 0 = the connection broke. */
export function createSender(url: string) {
  const agent = new Agent({ keepAlive: true });
  const send = (path: string, body: object, from?: string): Promise<Sample & { text: string }> =>
    new Promise((resolve) => {
      const start = performance.now();
      const text = JSON.stringify(body);
      const headers = {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text),
        ...(from && { 'x-forwarded-for': from }),
      };
      const end = (status: number, answer: string) =>
        resolve({ status, text: answer, ms: performance.now() - start });
      const sent = request(url + path, { method: 'POST', agent, headers }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part) => parts.push(part));
        response.on('end', () => end(response.statusCode ?? 0, Buffer.concat(parts).toString()));
        response.on('error', () => end(0, ''));
      });
      sent.on('error', () => end(0, ''));
      sent.end(text);
    });
  return { send, close: () => agent.destroy() };
}

export type Sender = ReturnType<typeof createSender>;

/** Sends `perSecond` for so long; resolves when all of them are answered. */
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

/** In whole milliseconds. */
export function percentile(samples: readonly Sample[], share: number): number {
  const times = samples.map(({ ms }) => ms).sort((a, b) => a - b);
  return Math.round(times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0);
}
