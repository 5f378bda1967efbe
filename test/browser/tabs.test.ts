/** The short form of tabs.ts: a real browser, a real service, a lossy line between them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noChromium, openContext } from './chromium.ts';
import { measure } from './tabs.ts';

const runs = [
  { storage: 'local', seconds: 10 },
  { storage: 'memory', seconds: 6 },
  { storage: 'cookie', seconds: 6 },
] as const;

for (const { storage, seconds } of runs) {
  test(`five tabs share one login that lost responses do not end (${storage})`, {
    skip: noChromium,
  }, async (t) => {
    await using browser = await openContext();
    const figures = await measure(browser, { storage, seconds, tabs: 5, loss: 0.1, seed: 1 });
    t.diagnostic(JSON.stringify(figures));
    assert.equal(figures.logouts, 0);
    assert.deepEqual(figures.failed, []);
    assert.ok(figures.dropped > 0);
    assert.ok(figures.answered > 5 * seconds);
    // A token of 2 s lives 1 to 2 s, because its times are whole seconds. Five tabs on their own would
    // need at least five times `lifetimes`.
    const exchanges = figures.refreshes - figures.dropped;
    assert.ok(exchanges >= figures.lifetimes - 2, `${exchanges} exchanges`);
    // On a busy machine a new token is used up before every tab has had it.
    assert.ok(exchanges < 4 * figures.lifetimes, `${exchanges} exchanges`);
  });
}
