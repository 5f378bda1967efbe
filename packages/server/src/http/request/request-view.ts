import type { FastifyReply, FastifyRequest } from 'fastify';
import { networkOf } from '../../config/network-address.ts';
import type { RequestView, Transit } from '../action.ts';
import type { AddressOf } from './client-address.ts';
import type { CookiePages } from './cookie-page.ts';
import { languageOf } from './language.ts';

const FORWARDED = [
  'forwarded',
  'via',
  ...['for', 'host', 'port', 'proto'].map((part) => `x-forwarded-${part}`),
  'x-real-ip',
];

/** An action's view of a request; costly values are computed on use. */
export class FastifyRequestView implements RequestView {
  readonly #request: FastifyRequest;
  readonly #reply: FastifyReply;
  readonly #addressOf: AddressOf;
  readonly #cookiePages: CookiePages;

  constructor(
    request: FastifyRequest,
    reply: FastifyReply,
    addressOf: AddressOf,
    cookiePages: CookiePages,
  ) {
    this.#request = request;
    this.#reply = reply;
    this.#addressOf = addressOf;
    this.#cookiePages = cookiePages;
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

  cookies(): string | undefined {
    return this.#request.headers.cookie;
  }

  knownDevice(): string | undefined {
    const token = this.#request.headers['x-known-device'];
    return typeof token === 'string' ? token : undefined;
  }

  mayUseCookie(): boolean {
    return this.#cookiePages.mayRead(this.#request.headers);
  }

  setResponseHeader(name: string, value: string): void {
    this.#reply.header(name, value);
  }

  lastEventId(): string | undefined {
    const id = this.#request.headers['last-event-id'];
    return typeof id === 'string' ? id : undefined;
  }

  network(): string {
    return networkOf(this.#addressOf(this.#request));
  }

  device() {
    const { headers, id } = this.#request;
    const address = this.#addressOf(this.#request);
    const language = languageOf(headers['accept-language']);
    return { userAgent: headers['user-agent'] ?? '', address, requestId: id, language };
  }

  transit(): Transit {
    const { headers, socket } = this.#request;
    const present = FORWARDED.flatMap((name): [string, string][] => {
      const value = headers[name];
      return value === undefined ? [] : [[name, String(value)]];
    });
    const forwarded = Object.fromEntries(present);
    return { peer: socket.remoteAddress ?? '', host: headers.host ?? '', forwarded };
  }

  requester() {
    const { raw } = this.#reply;
    const controller = new AbortController();
    if (raw.destroyed) controller.abort();
    raw.once('close', () => {
      if (!raw.writableFinished) controller.abort();
    });
    return { network: this.network(), signal: controller.signal, requestId: this.#request.id };
  }
}
