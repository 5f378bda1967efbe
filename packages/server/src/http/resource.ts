/** A URL, its guard and its actions, mounted on Fastify in the order DRF checks things. */

import type {
  FastifyReply,
  FastifyRequest,
  onRequestAsyncHookHandler,
  onRequestHookHandler,
  preValidationAsyncHookHandler,
} from 'fastify';
import { Refusal } from '../errors.ts';
import type { Action, ActionFacts } from './action.ts';
import { METHODS, methodOf } from './edge/server.ts';
import { CROSS_SITE_REQUEST, METHOD_NOT_ALLOWED } from './refusals.ts';
import { PARSED_TYPES } from './request/body.ts';
import { negotiate } from './request/negotiation.ts';
import { FastifyRequestView } from './request/request-view.ts';
import { refusalFormatter } from './request/validation.ts';
import { setHeaders } from './response/headers.ts';
import type { Http } from './server.ts';

type Method = 'GET' | 'POST' | 'DELETE';
type Actions<Caller> = Partial<Readonly<Record<Method, Action<Caller>>>>;

/** Finds the caller from the `Authorization` header, or throws a Refusal. */
type Guard<Caller> = {
  (authorization: string | undefined): Promise<Caller>;
  /**
   * Throws a Refusal if the admitted caller is no longer valid. Called before a change, when the body
   * has arrived: a client can hold the body back until its session has ended.
   */
  readonly recheck?: (caller: Caller, authorization: string | undefined) => unknown;
};

/** The facts of a URL for the OpenAPI document. */
export type ResourceFacts = {
  readonly path: string;
  readonly actions: Partial<Readonly<Record<Method, ActionFacts>>>;
  readonly isGuarded: boolean;
};

export type Resource = ResourceFacts & { readonly mount: (http: Http) => void };

/** How requests to a URL are admitted, and how their caller is found. */
type Door<Caller> = {
  readonly guard?: Guard<Caller>;
  readonly callerOf: (request: FastifyRequest) => Caller;
};

/** A public URL: no guard, its actions get no caller. */
export const open = (path: string, actions: Actions<undefined>): Resource => ({
  path,
  actions,
  isGuarded: false,
  mount: (http) => mount(http, path, actions, { callerOf: () => undefined }),
});

/** A URL for callers that its guard accepts, whatever the method. */
export const guarded = <Caller>(
  path: string,
  guard: Guard<Caller>,
  actions: Actions<Caller>,
): Resource => ({
  path,
  actions,
  isGuarded: true,
  mount: (http) =>
    mount(http, path, actions, {
      guard,
      callerOf: (request) => request.getDecorator<Caller>('caller'),
    }),
});

/**
 * Whether pages of foreign origins are refused. A guarded route needs no such rule: a page cannot
 * send `Authorization` without a preflight.
 */
export const refusesPages = (action: ActionFacts, method: string, isGuarded: boolean) =>
  !isGuarded && method !== 'GET' && !action.takesToken && !action.usesCookie;

type Done = (error?: Error) => void;
type Hook = onRequestHookHandler | onRequestAsyncHookHandler;

/** The methods of these actions; `GET` brings `HEAD`, except where the response has no end. */
const methodsOf = (actions: Resource['actions']): string[] => {
  const methods = Object.keys(actions);
  return actions.GET && !actions.GET.streams ? [...methods, 'HEAD'] : methods;
};

const allowing = (methods: readonly string[]): string => [...methods, 'OPTIONS'].join(', ');

function mount<Caller>(
  http: Http,
  path: string,
  actions: Actions<Caller>,
  door: Door<Caller>,
): void {
  const { app, respond, pageOf, cookiePages, cookiePaths } = http;
  const { guard } = door;
  const supported = methodsOf(actions);
  const allow = allowing(supported);
  const advertised = Object.entries(actions).filter(([, action]) => !action.forProxies);
  const allowAdvertised = allowing(methodsOf(Object.fromEntries(advertised)));

  const authenticate = async (request: FastifyRequest) => {
    if (guard) request.setDecorator('caller', await guard(request.headers.authorization));
  };
  const authenticated = guard ? [authenticate] : [];
  const admit = async (request: FastifyRequest, reply: FastifyReply) => {
    setHeaders(request, reply, { allow: allowAdvertised });
    negotiate(request);
    await authenticate(request);
  };
  // Clients accept the media types of their RFCs, such as application/jwk-set+json.
  const isWellKnown = path.startsWith('/.well-known/');
  const admitOpen = (request: FastifyRequest, reply: FastifyReply, done: Done) => {
    setHeaders(request, reply, { allow: allowAdvertised });
    if (!isWellKnown) negotiate(request);
    done();
  };
  const admitProxy = (request: FastifyRequest, reply: FastifyReply, done: Done) => {
    setHeaders(request, reply, { allow });
    done();
  };
  const allowAll = (_request: FastifyRequest, reply: FastifyReply, done: Done) => {
    reply.header('allow', allow);
    done();
  };
  const onRequest = guard ? [admit] : [admitOpen];
  const refuseForeign = (request: FastifyRequest, _reply: FastifyReply, done: Done) => {
    if (pageOf(request.headers) === 'foreign') throw new Refusal(CROSS_SITE_REQUEST);
    done();
  };

  const recheck =
    guard?.recheck &&
    (async (request: FastifyRequest) => {
      await guard.recheck?.(door.callerOf(request), request.headers.authorization);
    });

  const admitPage = (request: FastifyRequest, reply: FastifyReply, done: Done) => {
    reply.header('vary', 'Origin');
    cookiePages.assertAdmitted(request.headers);
    done();
  };

  for (const [method, action] of Object.entries(actions)) {
    const isRead = action.forProxies || action.streams;
    const hooks: Hook[] = isRead ? [admitProxy, ...authenticated] : [...onRequest];
    if (refusesPages(action, method, guard !== undefined)) hooks.push(refuseForeign);
    if (action.usesCookie) {
      cookiePaths.add(path);
      hooks.push(admitPage);
    }
    const later = method === 'GET' ? undefined : recheck;
    mountAction(http, method, path, action, hooks, door.callerOf, later);
  }
  app.options(path, { onRequest: [...onRequest, allowAll] }, (request, reply) => {
    const [action] = advertised.map(([, each]) => each);
    const description = describe(action?.summary ?? '', action?.description ?? '');
    respond(request, reply, JSON.stringify(description));
  });
  const others = METHODS.filter((method) => !supported.includes(method) && method !== 'OPTIONS');
  app.route({
    method: others,
    url: path,
    // Refused before the body is read: a wrong method is a wrong method, whatever it carries.
    onRequest: [
      ...onRequest,
      allowAll,
      (request: FastifyRequest, _reply: FastifyReply, done: Done) =>
        done(new Refusal(METHOD_NOT_ALLOWED, { values: { method: methodOf(request.raw) } })),
    ],
    handler: () => undefined,
  });
}

function mountAction<Caller>(
  { app, respond, log, addressOf, cookiePages }: Http,
  method: string,
  path: string,
  action: Action<Caller>,
  onRequest: Hook[],
  callerOf: Door<Caller>['callerOf'],
  recheck: preValidationAsyncHookHandler | undefined,
): void {
  const { body, query, response, headers, streams, status = 200 } = action;
  app.route({
    method,
    url: path,
    schema: {
      ...(body && { body }),
      ...(query && body && { querystring: repeatable(Object.keys(query)) }),
      ...(response && { response: { [status]: response } }),
    },
    ...(streams && { exposeHeadRoute: false }),
    schemaErrorFormatter: refusalFormatter(body),
    onRequest,
    ...(recheck && { preValidation: recheck }),
    handler(request, reply) {
      const finish = (result: object | string | undefined) => {
        reply.code(status);
        // First, because a failure here must not leave the headers of a success behind.
        const json = response && serialise(reply, result);
        if (headers) reply.headers(headers);
        if (!streams) return respond(request, reply, json, path);
        // nginx would buffer the parts until its buffer is full.
        reply.header('x-accel-buffering', 'no').type(streams).send(result);
        log(request, reply, path);
      };
      const result = action.handle({
        body: body && (request.body ?? {}),
        caller: callerOf(request),
        request: new FastifyRequestView(request, reply, addressOf, cookiePages),
      });
      // Nothing is returned: Fastify would watch the end of each reply for a missing response.
      if (result instanceof Promise) result.then(finish).catch((error) => reply.send(error));
      else finish(result);
    },
  });
}

const serialise = (reply: FastifyReply, result: object | string | undefined) =>
  typeof result === 'string' ? result : reply.serialize(result);

// If a schema checks the body, one checks the query too: of a repeated parameter the last counts.
const repeatable = (names: readonly string[]) => ({
  type: 'object',
  properties: Object.fromEntries(
    names.map((name) => [name, { anyOf: [{ type: 'string' }, { type: 'array' }] }]),
  ),
});

const describe = (name: string, description: string) => ({
  name,
  description,
  renders: ['application/json'],
  parses: PARSED_TYPES,
});
