import type { FastifyReply } from 'fastify';

const asItIs = (text: unknown) => String(text);

/**
 * Sends serialised JSON under the contract's exact media type. (Fastify appends a charset, which
 * RFC 8259 §11 does not define, unless the reply has a serialiser. A Buffer would be left alone
 * too, but costs a second system call: Node joins headers and body only of strings.)
 */
export function sendJson(reply: FastifyReply, text: string | ArrayBuffer | Buffer): void {
  reply.header('content-type', 'application/json').serializer(asItIs).send(text);
}
