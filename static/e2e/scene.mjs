// What the browser tests share: a scene is one test with its own server and page.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launchBrowser, openPage, startServer } from './harness.mjs';

/**
 * A function that makes a test: its own server (`settings`, or what makes them) with `messages` in it, its own page,
 * and the demand that the page did nothing wrong, but for what `allow` drops. All scenes of a file share one browser.
 */
export function scenes() {
  let browser;
  before(async () => (browser = await launchBrowser()));
  after(() => browser?.close());
  return (name, body, options = {}) =>
    test(name, { timeout: options.timeout ?? 120_000 }, async (t) => {
      const { settings } = options;
      const server = await startServer(typeof settings === 'function' ? await settings() : settings);
      try {
        for (const message of options.messages ?? []) await server.send(message);
        const opened = await openPage(browser, server, options.path, options.context);
        await body({ t, server, browser, ...opened });
        assert.deepEqual(opened.wrong.filter(options.allow ?? (() => true)), []);
        await opened.context.close();
      } finally {
        await server.stop();
      }
    });
}

export const minutesAgo = (n) => new Date(Date.now() - n * 60_000).toISOString();

/** The ids in the list, as it stands. */
export const ids = (page) => page.locator('a[data-message]').evaluateAll((links) => links.map((a) => a.dataset.message));

export const noSidewaysScroll = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth);

/** Waits until a condition holds, for a moment longer than anything takes. */
export async function until(what, holds, ms = 10_000) {
  const end = Date.now() + ms;
  for (;;) {
    if (await holds()) return;
    assert.ok(Date.now() < end, `never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

export const HTML = '<img src=x onerror=alert(1)><script>alert(2)</script>';

export const SAMPLE = [
  { message_id: 'order-1041', from: '+919876543210', ts: minutesAgo(4000), text: 'Your parcel has left the warehouse.' },
  { message_id: 'order-1042', from: '+919876543210', ts: minutesAgo(190), text: 'Delivery today between 14:00 and 16:00' },
  { message_id: 'he-1', from: '+972501234567', ts: minutesAgo(64), text: 'שלום! ההזמנה #123 מוכנה (ABC).' },
  { message_id: 'ar-1', from: '+971501234567', ts: minutesAgo(31), text: 'مرحبا، تم تأكيد طلبك رقم 4711' },
  { message_id: 'none-1', from: '+447911123456', ts: minutesAgo(12), text: undefined },
  { message_id: 'long-1', from: '+14155550188', ts: minutesAgo(7), text: 'A long message that goes on. '.repeat(60).trim() },
  { message_id: HTML, from: '+14155550188', ts: minutesAgo(3), text: `${HTML} & "quotes" 😀` },
  { message_id: 'a/b?c#d %2F ../é😀', from: '+919876543210', ts: minutesAgo(1), text: 'An id with everything in it' },
];
