import type { FastifyReply } from 'fastify';

type Answer = { readonly reply: FastifyReply; readonly text: string | ArrayBuffer | Buffer };

const asItIs = (text: unknown) => String(text);

let waiting: Answer[] = [];

/**
 * Sends serialised JSON under the contract's exact media type. (Fastify appends a charset, which
 * RFC 8259 §11 does not define, unless the reply has a serialiser. A Buffer would be left alone
 * too, but costs a second system call: Node joins headers and body only of strings.)
 *
 * The answers of one turn of the event loop leave together at its end: a client on another core
 * is then woken once for all of them instead of once for each, which is most of what a write costs
 * (docs/decisions/044).
 */
export function sendJson(reply: FastifyReply, text: string | ArrayBuffer | Buffer): void {
  if (waiting.length === 0) setImmediate(sendWaiting);
  waiting.push({ reply, text });
}

function sendWaiting(): void {
  const answers = waiting;
  waiting = [];
  for (const { reply, text } of answers) {
    try {
      reply.header('content-type', 'application/json').serializer(asItIs).send(text);
    } catch (error) {
      // One answer that cannot be sent must not take the others along.
      reply.raw.destroy(error instanceof Error ? error : undefined);
    }
  }
}
