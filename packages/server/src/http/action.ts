import type { Readable } from 'node:stream';
import type { Language } from '../language.ts';
import type { Described, ObjectSchema } from './openapi/schema.ts';

/** The parts of a request that an action may read beside its checked body. */
export type RequestView = {
  /** Path parameters by name. */
  readonly params: Readonly<Record<string, string | undefined>>;
  /** The last value of a query parameter. */
  query(name: string): string | undefined;
  /** The `Authorization` header, for actions that read it themselves instead of having a guard. */
  authorization(): string | undefined;
  /** The `Cookie` header. */
  cookies(): string | undefined;
  /** The `X-Known-Device` header: the token of the client's device. */
  knownDevice(): string | undefined;
  /** Whether the request that a proxy asks about may use the session's cookie to read something. */
  mayUseCookie(): boolean;
  /** Sets a header of the response. The value must come from the action, never from the client. */
  setResponseHeader(name: string, value: string): void;
  /** The `Last-Event-ID` of a client that reads a stream again. */
  lastEventId(): string | undefined;
  /** The network of the client, for limits. */
  network(): string;
  /** The client, for the list of sessions and the audit log. */
  device(): { userAgent: string; address: string; requestId: string; language: Language };
  /** What the connection, and a proxy in front, say about the request. */
  transit(): Transit;
  /** For queued work; its signal is aborted when the client disconnects. */
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
  /** The header fields that proxies set, by name in lower case, unchanged. */
  readonly forwarded: Readonly<Record<string, string>>;
};

export type Call<Body, Caller> = {
  /** As `body` of the action describes it; an empty object if the request has no body. */
  readonly body: Body;
  /** The account that the resource's guard found. */
  readonly caller: Caller;
  readonly request: RequestView;
};

/** The facts of an action that the URL table, the OpenAPI document and HTTP use. */
export type ActionFacts = {
  /** Names the operation in the OpenAPI document, and so the function of a generated client. */
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly body?: ObjectSchema;
  /** Query parameters, for the documentation; the action reads and checks them itself. */
  readonly query?: Readonly<Record<string, QueryParameter>>;
  /** The status of success; default 200. 204 has no body. */
  readonly status?: 200 | 201 | 204;
  /** The response is serialised from this schema, so fields that it does not name cannot leak. */
  readonly response?: ObjectSchema;
  /** Statuses of refusals beside those every action of its kind has; for the documentation. */
  readonly refuses?: readonly (401 | 403 | 404 | 410 | 429)[];
  /**
   * Called by proxies with the headers of their client's request: `Accept` is ignored, and `Allow`
   * names the method only where the client has to know it.
   */
  readonly forProxies?: true;
  /**
   * Does nothing before it has checked a token in its body, which no page of another site has. Other
   * open actions that change something refuse pages of foreign origins.
   */
  readonly takesToken?: true;
  /**
   * Sets or reads the session's cookie: only for pages of the public URL and of
   * GATEPASS_COOKIE_ORIGINS, and never for a form.
   */
  readonly usesCookie?: true;
  /** The media type of a response without an end; `handle` then returns a stream. */
  readonly streams?: string;
  /** The body of a 503 that is not a refusal. */
  readonly unavailable?: ObjectSchema;
  /** Headers of a successful response. */
  readonly headers?: Readonly<Record<string, string>>;
};

type QueryParameter = {
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

/** As the response's schema describes it, or a serialised text. */
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

/** Types `handle` by the schemas. The only place that relies on the schema's checks. */
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
