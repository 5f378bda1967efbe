import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RequestView } from './action.ts';

/** What an action sees of a request; everything that costs something is computed when asked. */
export class FastifyRequestView implements RequestView {
  readonly #request: FastifyRequest;
  readonly #reply: FastifyReply;

  constructor(request: FastifyRequest, reply: FastifyReply) {
    this.#request = request;
    this.#reply = reply;
  }

  get params() {
    return this.#request.params as Record<string, string | undefined>;
  }

  query(name: string): string | undefined {
    return new URLSearchParams(this.#request.url.split('?')[1]).getAll(name).at(-1);
  }

  authorization(): string | undefined {
    return this.#request.headers.authorization;
  }

  answerWith(name: string, value: string): void {
    this.#reply.header(name, value);
  }

  device() {
    // A client that has gone meanwhile has no address any more, whatever the type of `ip` says.
    const { headers, ip = '', id } = this.#request;
    return { userAgent: headers['user-agent'] ?? '', address: ip, requestId: id };
  }

  requester() {
    const { raw } = this.#reply;
    const controller = new AbortController();
    if (raw.destroyed) controller.abort();
    raw.once('close', () => {
      if (!raw.writableFinished) controller.abort();
    });
    const { ip = '', id } = this.#request;
    return { network: ip, signal: controller.signal, requestId: id };
  }
}
