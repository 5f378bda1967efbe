import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RequestLog } from '../request-log.ts';

type Json = string | ArrayBuffer | Buffer;
type Response = {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly json: Json | undefined;
  readonly route: string | undefined;
};

/** Sends serialised JSON, or no body at all, under the status the reply has; then logs and counts it. */
export type Respond = (
  request: FastifyRequest,
  reply: FastifyReply,
  json?: Json,
  /** The pattern of the URL, where the caller knows it. */
  route?: string,
) => void;

const asItIs = (text: unknown) => String(text);

/**
 * Sends serialised JSON under the contract's exact media type. (Fastify appends a charset, which
 * RFC 8259 §11 does not define, unless the reply has a serialiser. A Buffer would be left alone
 * too, but costs a second system call: Node joins headers and body only of strings.)
 */
export function sendJson(reply: FastifyReply, json: Json): void {
  reply.header('content-type', 'application/json').serializer(asItIs).send(json);
}

/**
 * The responses of one turn of the event loop are written together at its end: a client on another
 * core is woken once instead of once per response, and waking is most of the cost of a write
 * (docs/decisions/044).
 */
export function createRespond(log: RequestLog): Respond {
  let waiting: Response[] = [];

  function sendWaiting(): void {
    const responses = waiting;
    waiting = [];
    for (const { request, reply, json, route } of responses) {
      try {
        if (json === undefined) reply.send();
        else sendJson(reply, json);
        log(request, reply, route);
      } catch (error) {
        // A response that cannot be sent must not stop the others.
        reply.raw.destroy(error instanceof Error ? error : undefined);
      }
    }
  }

  return (request, reply, json, route) => {
    if (waiting.length === 0) setImmediate(sendWaiting);
    waiting.push({ request, reply, json, route });
  };
}
