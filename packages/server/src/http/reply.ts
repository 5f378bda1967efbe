import type { FastifyReply } from 'fastify';

/**
 * Sends serialised JSON under the contract's exact media type. (Fastify appends a charset to JSON
 * strings, which RFC 8259 §11 does not define; bytes it leaves alone.)
 */
export function sendJson(reply: FastifyReply, text: string | ArrayBuffer | Buffer): void {
  reply.header('content-type', 'application/json');
  reply.send(Buffer.from(text as string));
}
