import type { Language } from '../language.ts';
import type { ObjectSchema, OptionsSchema } from './openapi/fields.ts';

/** The parts of a request that an action may look at, beside its checked body. */
export type RequestView = {
  /** Path parameters by name. */
  readonly params: Readonly<Record<string, string | undefined>>;
  /** The last value of a query parameter. */
  query(name: string): string | undefined;
  /** The `Authorization` header, for actions without a guard that look at it themselves. */
  authorization(): string | undefined;
  /** Sets a header of the response. The value is the action's own making, never the client's. */
  setResponseHeader(name: string, value: string): void;
  /** The `Last-Event-ID` of a client that reads a stream again. */
  lastEventId(): string | undefined;
  /** The network of the client, for limits. */
  network(): string;
  /** The client, for the list of sessions and the audit log. */
  device(): { userAgent: string; address: string; requestId: string; language: Language };
  /** For work that waits its turn; its signal is aborted when the client disconnects. */
  requester(): {
    readonly network: string;
    readonly signal: AbortSignal;
    readonly requestId: string;
  };
};

export type Call<Field extends string, Caller> = {
  readonly body: Readonly<Record<Field, string>>;
  /** Those fields of `options` that the request has. */
  readonly options: Readonly<Partial<Record<string, string>>>;
  /** The account that the resource's guard found. */
  readonly caller: Caller;
  readonly request: RequestView;
};

type Result = object | string | undefined;

type Definition<Field extends string, Caller> = {
  readonly summary: string;
  readonly description?: string;
  /** The request's fields, all strings; left out when the action takes none. */
  readonly body?: ObjectSchema<Field>;
  /** Instead of `body`: fields that the request may leave out. */
  readonly options?: OptionsSchema;
  /** Names of query parameters, for the documentation. */
  readonly query?: readonly string[];
  /** The status of success; default 200. 204 has no body. */
  readonly status?: 200 | 201 | 204;
  /** The response is serialised from this schema: what it does not name cannot slip out. */
  readonly response?: ObjectSchema;
  /** Statuses of refusals beside those every action of its kind has; for the documentation. */
  readonly refuses?: readonly (401 | 403 | 404 | 429)[];
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
  /** The media type of a response that has no end: then `handle` returns a stream. */
  readonly streams?: string;
  /** Headers of a successful response. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * @returns what the schema serialises, or a text that is serialised already
   * @throws {Refusal} to refuse
   */
  readonly handle: (call: Call<Field, Caller>) => Result | Promise<Result>;
};

/** One thing the API can do: its schemas beside its behaviour. */
export type Action<Caller> = Definition<never, Caller> | Definition<string, Caller>;

/** Types an action's `handle` by its `body` schema. */
export const action = <Field extends string, Caller>(
  definition: Definition<Field, Caller>,
): Definition<Field, Caller> => definition;
