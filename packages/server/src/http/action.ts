import type { Static, TObject, TSchema } from 'typebox';

/** What an action gets: a checked body, the caller its guard found, and a sign of disconnection. */
export type Call<Body, Caller> = {
  readonly body: Body;
  readonly caller: Caller;
  /** Aborted when the client goes away before it is answered. */
  readonly signal: () => AbortSignal;
};

type Definition<Body extends TObject, Caller> = {
  readonly summary: string;
  readonly description?: string;
  /** The request's fields; left out when the action takes none. */
  readonly body?: Body;
  /** The status of success; default 200. */
  readonly status?: 200 | 201;
  /** The response is serialised from this schema: what it does not name cannot slip out. */
  readonly answer: TSchema;
  /** @throws {Refusal} to refuse */
  readonly handle: (call: Call<Static<Body>, Caller>) => object | Promise<object>;
};

/** One thing the API can do: its schemas beside its behaviour. */
export type Action<Caller> = Omit<Definition<TObject, Caller>, 'handle'> & {
  readonly handle: (call: Call<never, Caller>) => object | Promise<object>;
};

/** Types an action's `handle` by its `body` schema. */
export const action = <Body extends TObject, Caller>(
  definition: Definition<Body, Caller>,
): Action<Caller> => definition;
