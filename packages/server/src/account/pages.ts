/**
 * The pages behind mailed links: a form each, which acts when its button is pressed and never
 * before, because mail scanners open links and run their scripts. Owns the pages and their texts;
 * what they do is recovery/. Imported by app.ts and routes.ts.
 */

import type { FastifyRequest } from 'fastify';
import { NOT_FOUND, Refusal, type RefusalKind } from '../errors.ts';
import type { RequestView } from '../http/action.ts';
import type { Handler } from '../http/plain.ts';
import { CROSS_SITE_REQUEST } from '../http/refusals.ts';
import { languageOf } from '../http/request/language.ts';
import { FastifyRequestView } from '../http/request/request-view.ts';
import { responseTo } from '../http/response/refusal.ts';
import type { Http } from '../http/server.ts';
import type { Language } from '../language.ts';
import { say } from '../language.ts';
import type { PageName, Shown } from './layout.ts';
import { isFolder, sendPage } from './page.ts';
import { type Sent, sentIn } from './sent.ts';
import { textsIn } from './texts.ts';
import { doneView, readLink, view } from './views.ts';

/** `done`, or what was wrong, in sentences of the page's language. */
export type Outcome = 'done' | 'invalid' | { readonly faults: readonly string[] };

export type Submit = (sent: Sent, request: RequestView, language: Language) => Promise<Outcome>;

export type MailedPages = ReturnType<typeof createPages>;

/** What `plain` mounts at the URLs of the pages. */
export function createPages(
  { addressOf, cookiePages, pageOf }: Http,
  submits: Readonly<Record<PageName, Submit>>,
  isMailOff: boolean,
) {
  const language = (request: FastifyRequest) => languageOf(request.headers['accept-language']);
  const page = (name: PageName): { readonly GET: Handler; readonly POST: Handler } => ({
    GET: (request, reply) =>
      isFolder(request.url)
        ? reply.code(303).header('location', `../${name}`).send()
        : sendPage(reply, 200, view(language(request), name, { isMailOff })),
    async POST(request, reply) {
      const speaks = language(request);
      if (!['own', 'none'].includes(pageOf(request.headers))) {
        const faults = [say(CROSS_SITE_REQUEST, speaks)];
        return sendPage(
          reply,
          CROSS_SITE_REQUEST.status,
          view(speaks, name, { faults, isMailOff }),
        );
      }
      const sent = sentOrLinked(request.body);
      const { new_password: _, ...values } = sent;
      try {
        const seen = new FastifyRequestView(request, reply, addressOf, cookiePages);
        const outcome = await submits[name](sent, seen, speaks);
        if (outcome === 'done') return sendPage(reply, 200, doneView(speaks, name));
        const texts = textsIn(speaks);
        const shown: Shown =
          outcome === 'invalid'
            ? { values: { email: values['email'] ?? '' }, faults: [texts.invalid], isMailOff }
            : { values, faults: outcome.faults, isMailOff };
        return sendPage(reply, 400, view(speaks, name, shown));
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        const { status, headers } = responseTo(error, speaks);
        reply.headers(headers);
        const faults = [sentence(error, speaks)];
        return sendPage(reply, status, view(speaks, name, { values, faults, isMailOff }));
      }
    },
  });

  return { page };
}

function sentOrLinked(body: unknown): Sent {
  const sent = sentIn(body);
  return { ...sent, ...readLink(sent['link'] ?? '') };
}

/** The message of a refusal on a page. */
function sentence(refusal: Refusal, language: Language): string {
  const { kind, details } = refusal;
  return say(isToBeRetried(kind) ? kind : NOT_FOUND, language, details.values);
}

const isToBeRetried = ({ status }: RefusalKind) => status === 429 || status === 503;
