/** A reader of the feed, and revocations that come from elsewhere. */
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { createRevocationStore } from '../../../src/revocations/store.ts';
import type { Service } from '../../support/service.ts';
import { until } from '../../support/until.ts';

export const FEED = '/api/revocations';
const LIFETIME_MS = 6 * 60_000;

export const sha256 = (text: string) => hash('sha256', text, 'base64url');

type Page = { readonly revocations: Record<string, unknown>[]; readonly next: number };

export async function read(service: Pick<Service, 'send'>, after = 0): Promise<Page> {
  const { status, body, text } = await service.send(`${FEED}?after=${after}`);
  assert.equal(status, 200, text);
  return body;
}

/** Everything above `after`, once this process shows the number that is asked for. */
export async function readUpTo(service: Pick<Service, 'send'>, seq: number, after = 0) {
  let page: Page = { revocations: [], next: 0 };
  await until(`number ${seq} is in the feed`, async () => {
    page = await read(service, after);
    return page.next >= seq;
  });
  return page;
}

/** Revokes `count` sessions that never were, as another process would; resolves when it is followed. */
export async function revoke(service: Service, count: number): Promise<void> {
  const { database, clock } = service;
  const store = createRevocationStore(database);
  let newest = 0;
  for (let done = 0; done < count; done += 500) {
    const rows = Array.from({ length: Math.min(500, count - done) }, (_, i) => ({
      kind: 'session' as const,
      subject: `session-${done + i}`,
      issuedBefore: 0,
      expiresAt: clock.now() + LIFETIME_MS,
    }));
    const written = await database.transaction((tx) => store.insert(tx, rows));
    newest = written.at(-1)?.seq ?? newest;
  }
  await readUpTo(service, newest, newest);
}
