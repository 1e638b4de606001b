// What the browser tests share: a scene is one test with its own server and page.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openPage, startServer } from './harness.mjs';

/**
 * A function that makes a test: its own server (`settings`) with `messages` in it, its own page, and the demand that the
 * page did nothing wrong, but for what `allow` drops. `browser` gives the one that has been started.
 */
export function scenes(browser) {
  return (name, body, options = {}) =>
    test(name, { timeout: 90_000 }, async () => {
      const server = await startServer(options.settings);
      try {
        for (const message of options.messages ?? []) await server.send(message);
        const opened = await openPage(browser(), server, options.path, options.context);
        await body({ server, ...opened });
        assert.deepEqual(opened.wrong.filter(options.allow ?? (() => true)), []);
        await opened.context.close();
      } finally {
        await server.stop();
      }
    });
}

export const minutesAgo = (n) => new Date(Date.now() - n * 60_000).toISOString();
