import type { ObjectSchema } from './fields.ts';

/** What an action gets: a checked body, the caller its guard found, and a sign of disconnection. */
export type Call<Field extends string, Caller> = {
  readonly body: Readonly<Record<Field, string>>;
  readonly caller: Caller;
  /** Aborted when the client goes away before it is answered. */
  readonly signal: () => AbortSignal;
};

type Definition<Field extends string, Caller> = {
  readonly summary: string;
  readonly description?: string;
  /** The request's fields, all strings; left out when the action takes none. */
  readonly body?: ObjectSchema<Field>;
  /** The status of success; default 200. */
  readonly status?: 200 | 201;
  /** The response is serialised from this schema: what it does not name cannot slip out. */
  readonly answer: ObjectSchema;
  /** @throws {Refusal} to refuse */
  readonly handle: (call: Call<Field, Caller>) => object | Promise<object>;
};

/** One thing the API can do: its schemas beside its behaviour. */
export type Action<Caller> = Definition<never, Caller> | Definition<string, Caller>;

/** Types an action's `handle` by its `body` schema. */
export const action = <Field extends string, Caller>(
  definition: Definition<Field, Caller>,
): Definition<Field, Caller> => definition;
