import type { Readable } from 'node:stream';
import type { Language } from '../language.ts';
import type { Described, ObjectSchema } from './openapi/schema.ts';

/** The parts of a request that an action may look at, beside its checked body. */
export type RequestView = {
  /** Path parameters by name. */
  readonly params: Readonly<Record<string, string | undefined>>;
  /** The last value of a query parameter. */
  query(name: string): string | undefined;
  /** The `Authorization` header, for actions without a guard that look at it themselves. */
  authorization(): string | undefined;
  /** The `Cookie` header. */
  cookies(): string | undefined;
  /** The `X-Known-Device` header: the token of the client's device. */
  knownDevice(): string | undefined;
  /** Whether a page that a proxy asks for may use the session's cookie to read something. */
  mayUseCookie(): boolean;
  /** Sets a header of the response. The value is the action's own making, never the client's. */
  setResponseHeader(name: string, value: string): void;
  /** The `Last-Event-ID` of a client that reads a stream again. */
  lastEventId(): string | undefined;
  /** The network of the client, for limits. */
  network(): string;
  /** The client, for the list of sessions and the audit log. */
  device(): { userAgent: string; address: string; requestId: string; language: Language };
  /** What the connection, and a proxy before it, say of the request. */
  transit(): Transit;
  /** For work that waits its turn; its signal is aborted when the client disconnects. */
  requester(): {
    readonly network: string;
    readonly signal: AbortSignal;
    readonly requestId: string;
  };
};

export type Transit = {
  /** The other end of the connection. */
  readonly peer: string;
  readonly host: string;
  /** The fields that proxies set, by their names in lower case, as they came. */
  readonly forwarded: Readonly<Record<string, string>>;
};

export type Call<Body, Caller> = {
  /** What `body` of the action describes; of one that the request left out, an empty object. */
  readonly body: Body;
  /** The account that the resource's guard found. */
  readonly caller: Caller;
  readonly request: RequestView;
};

/** What the URL table, the OpenAPI document and HTTP know of an action. */
export type ActionFacts = {
  /** Names the operation in the OpenAPI document, and so the function of a generated client. */
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly body?: ObjectSchema;
  /** Query parameters and what they are for; the action reads and checks them itself. */
  readonly query?: Readonly<Record<string, QueryParameter>>;
  /** The status of success; default 200. 204 has no body. */
  readonly status?: 200 | 201 | 204;
  /** The response is serialised from this schema: what it does not name cannot slip out. */
  readonly response?: ObjectSchema;
  /** Statuses of refusals beside those every action of its kind has; for the documentation. */
  readonly refuses?: readonly (401 | 403 | 404 | 410 | 429)[];
  /**
   * Called by proxies with the headers of their client's request: `Accept` is not looked at, and the
   * method is named in `Allow` only where the client has to know.
   */
  readonly forProxies?: true;
  /**
   * Does nothing before it has checked a token in its body, which no page of another site can have.
   * Other open actions that change something refuse pages of foreign origins.
   */
  readonly takesToken?: true;
  /**
   * Sets or reads the session's cookie: only for pages of the public URL and of
   * GATEPASS_COOKIE_ORIGINS, and never for a form.
   */
  readonly usesCookie?: true;
  /** The media type of a response that has no end: then `handle` returns a stream. */
  readonly streams?: string;
  /** The body of a 503 that is no refusal. */
  readonly unavailable?: ObjectSchema;
  /** Headers of a successful response. */
  readonly headers?: Readonly<Record<string, string>>;
};

export type QueryParameter = {
  readonly required?: true;
  readonly description: string;
  readonly schema: object;
};

/** One thing the API can do: its schemas beside its behaviour. */
export type Action<Caller> = ActionFacts & {
  readonly handle: (call: Call<unknown, Caller>) => Result | Promise<Result>;
};

type Result = object | string | undefined;

type BodyOf<Schema extends ObjectSchema> = [Schema] extends [never]
  ? undefined
  : Exclude<Described<Schema>, null>;

/** What the response's schema describes, or a text that is serialised already. */
type ResultOf<Schema extends ObjectSchema> = [Schema] extends [never]
  ? Readable | undefined
  : Described<Schema> | string;

type Definition<Body extends ObjectSchema, Response extends ObjectSchema, Caller> = ActionFacts & {
  readonly body?: Body;
  readonly response?: Response;
  /** @throws {Refusal} to refuse */
  readonly handle: (
    call: Call<BodyOf<Body>, Caller>,
  ) => ResultOf<Response> | Promise<ResultOf<Response>>;
};

/** Types `handle` by the schemas. The one place that believes what the schema has checked. */
export const action = <
  Caller,
  Body extends ObjectSchema = never,
  Response extends ObjectSchema = never,
>(
  definition: Definition<Body, Response, Caller>,
): Action<Caller> => ({
  ...definition,
  handle: definition.handle as Action<Caller>['handle'],
});
