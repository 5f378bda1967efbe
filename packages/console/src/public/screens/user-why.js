import { html } from '../html.js';
import { texts } from '../language.js';
import { Card } from '../ui/parts.js';
import { Time } from '../ui/time.js';

/** @typedef {import('../../types.ts').AuditEvent} AuditEvent */

/**
 * The failures since the last login: for each cause one line, with its newest time.
 *
 * @param {readonly AuditEvent[]} events the newest first
 */
function recentFailures(events) {
  const t = texts().user;
  const success = events.findIndex(({ event }) => event === 'login.ok');
  const since = success < 0 ? events : events.slice(0, success);
  /** @type {Readonly<Record<string, string>>} */
  const causes = { wrong_password: t.whyPassword, wrong_code: t.whyCode };
  /** @type {Map<string, string>} */
  const found = new Map();
  for (const { event, at, details } of since) {
    if (event === 'user.unlock' || event === 'user.enable' || event === 'password.reset') break;
    const cause =
      event === 'login.throttled'
        ? t.whyThrottled
        : event === 'login.fail'
          ? causes[String(details['reason'])]
          : undefined;
    if (cause && !found.has(cause)) found.set(cause, at);
  }
  return [...found];
}

/**
 * The likely reasons why a user cannot log in.
 *
 * @param {{ user: import('../../types.ts').User, events: readonly AuditEvent[] }} props
 */
export function WhyLoginsFail({ user, events }) {
  const t = texts().user;
  const failures = recentFailures(events);
  const isFine = user.is_active && failures.length === 0;
  // A login of an unverified account shows that this service does not require verification.
  const mayNeedProof = user.email_verified_at === null && user.last_login_at === null;
  return html`<${Card} title=${t.why} kind=${isFine ? '' : 'notice'}><ul class="causes">
    ${!user.is_active && html`<li>${t.whyDisabled}</li>`}
    ${failures.map(
      ([cause, at]) => html`<li key=${cause}>${cause} <span class="soft">${t.lastTime}:${' '}
        <${Time} at=${at} /></span></li>`,
    )}
    ${mayNeedProof && html`<li>${t.whyUnverified}</li>`}
    ${isFine && !mayNeedProof && html`<li>${t.fine}</li>`}
  </ul><//>`;
}
