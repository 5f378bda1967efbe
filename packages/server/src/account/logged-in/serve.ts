/** The pages of an account on HTTP: who asks, whether the form is one of ours, and refusals as sentences. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../../errors.ts';
import type { RequestView } from '../../http/action.ts';
import type { Handler } from '../../http/plain.ts';
import { NO_COOKIES } from '../../http/refusals.ts';
import { languageOf } from '../../http/request/language.ts';
import { FastifyRequestView } from '../../http/request/request-view.ts';
import { responseTo } from '../../http/response/refusal.ts';
import type { Http } from '../../http/server.ts';
import { type Language, say } from '../../language.ts';
import { REAUTHENTICATION_REQUIRED } from '../../sessions/refusals.ts';
import type { Caller } from '../../users/user.ts';
import { html } from '../html.ts';
import { isFolder, sendPage } from '../page.ts';
import { type Sent, sentIn } from '../sent.ts';
import { pageOf } from './frame.ts';
import { textsIn } from './texts.ts';
import type { LoggedInVisit, Page, Reply, Visit } from './visit.ts';

type Deps = {
  readonly http: Pick<Http, 'addressOf' | 'cookiePages'>;
  /** @throws {Refusal} 401 */
  readonly callerOf: (request: RequestView) => Promise<Caller>;
  /** The address people see. */
  readonly publicUrl: string;
};

type Handlers = { readonly GET: Handler; readonly POST: Handler };

/** With `no-referrer`, browsers would not name the origin of a form. */
const HEADERS = { 'referrer-policy': 'same-origin' };

/** Makes what `plain` mounts of the pages of an account. */
export function createServe({ http, callerOf, publicUrl }: Deps) {
  const { addressOf, cookiePages } = http;
  const base = URL.parse(publicUrl)?.pathname.replace(/\/$/, '') ?? '';

  function visitOf(request: FastifyRequest, reply: FastifyReply, name: string, sent: Sent): Visit {
    const language = languageOf(request.headers['accept-language']);
    return {
      request: new FastifyRequestView(request, reply, addressOf, cookiePages),
      ...{ language, sent, texts: textsIn(language), here: `${base}/account/${name}`, faults: [] },
    };
  }

  function give(reply: FastifyReply, answer: Reply, status = 200) {
    if ('page' in answer) return sendPage(reply, status, answer.page, HEADERS);
    return reply
      .code(303)
      .headers({ ...HEADERS, location: answer.goTo })
      .send();
  }

  function refuse(reply: FastifyReply, visit: Visit, error: unknown) {
    if (!(error instanceof Refusal)) throw error;
    const shown = { ...visit, faults: sentencesOf(error, visit.language) };
    const { back, overview } = visit.texts;
    const content = html`<p><a href="./">${back}</a></p>`;
    reply.headers(waitOf(error));
    return give(reply, pageOf(shown, overview.title, content, { isBelow: false }), statusOf(error));
  }

  function unset(reply: FastifyReply, visit: Visit) {
    const { title, lead, why } = visit.texts.unset;
    const content = html`<p>${lead}</p><p class="soft">${why}</p>`;
    return give(reply, pageOf(visit, title, content, { isBelow: false }), NO_COOKIES.status);
  }

  const serve = <V extends Visit>(
    name: string,
    { show, submit }: Page<V>,
    entered: (visit: Visit) => Promise<V | Reply>,
  ): Handlers => ({
    async GET(request, reply) {
      const visit = visitOf(request, reply, name, {});
      if (!cookiePages.isOn) return unset(reply, visit);
      const isInFolder = isFolder(request.url);
      if (isInFolder !== (name === ''))
        return give(reply, { goTo: isInFolder ? `../${name}` : 'account/' });
      const whose = await entered(visit);
      if (!('here' in whose)) return give(reply, whose);
      try {
        return give(reply, await show(whose));
      } catch (error) {
        return refuse(reply, visit, error);
      }
    },

    async POST(request, reply) {
      const visit = visitOf(request, reply, name, sentIn(request.body));
      if (!cookiePages.isOn) return unset(reply, visit);
      try {
        cookiePages.assertOwnForm(request.headers);
      } catch (error) {
        return refuse(reply, visit, error);
      }
      const whose = await entered(visit);
      if (!('here' in whose)) return give(reply, whose);
      try {
        return give(reply, await submit(whose));
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        const { kind } = error;
        if (kind.code === REAUTHENTICATION_REQUIRED.code)
          return give(reply, { goTo: `confirm?next=${encodeURIComponent(visit.here)}` });
        reply.headers(waitOf(error));
        const again = { ...whose, faults: sentencesOf(error, visit.language), refused: kind.code };
        return give(reply, await show(again), statusOf(error));
      }
    },
  });

  return {
    /** A page that a visitor sees without a login. */
    open: (name: string, page: Page<Visit>) => serve(name, page, async (visit) => visit),

    /** A page of the account whose session the cookie holds; other visitors are asked to log in. */
    own: (name: string, page: Page<LoggedInVisit>) =>
      serve(name, page, async (visit) => {
        try {
          return { ...visit, caller: await callerOf(visit.request) };
        } catch (error) {
          if (!(error instanceof Refusal) || error.kind.status !== 401) throw error;
          return { goTo: `login?next=${encodeURIComponent(visit.here)}` };
        }
      }),
  };
}

/** 401 is for clients of the API; a page asks its visitor to log in. */
const statusOf = ({ kind: { status } }: Refusal): number => (status === 401 ? 400 : status);

function waitOf(refusal: Refusal): Readonly<Record<string, string>> {
  const { 'www-authenticate': _, ...headers } = responseTo(refusal, 'en').headers;
  return headers;
}

/** The message of a refusal on a page. */
function sentencesOf({ kind, details }: Refusal, language: Language): string[] {
  const { fields, values } = details;
  if (!fields) return [say(kind, language, values)];
  return Object.values(fields).flatMap((faults) =>
    faults.map((fault) => say(fault, language, fault.values)),
  );
}
