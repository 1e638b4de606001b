// What is measured: nothing else runs beside these.
import assert from 'node:assert/strict';
import { SAMPLE, scenes } from '../scene.mjs';

const scene = scenes();
const isLive = (page) => page.locator('[data-link="live"]').waitFor();

scene(
  'a row is there at once: within 200 ms of the acknowledgement, by the median of twenty',
  async ({ page, server }) => {
    await isLive(page);
    await page.evaluate(() => {
      window.seen = {};
      new MutationObserver(() => {
        for (const a of document.querySelectorAll('a[data-message]')) window.seen[a.dataset.message] ??= Date.now();
      }).observe(document.body, { childList: true, subtree: true });
    });
    const acknowledged = {};
    for (let i = 0; i < 20; i++) {
      await server.send({ message_id: `now-${i}`, ts: new Date().toISOString() });
      acknowledged[`now-${i}`] = Date.now();
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    await page.locator('a[data-message="now-19"]').waitFor();
    const seen = await page.evaluate(() => window.seen);
    const delays = Object.keys(acknowledged).map((id) => seen[id] - acknowledged[id]);
    delays.sort((a, b) => a - b);
    assert.ok(delays.every(Number.isFinite), 'every one was seen without a reload');
    assert.ok(delays[10] <= 200, `median ${delays[10]} ms of ${delays}`);
    assert.equal(await page.locator('[data-total]').getAttribute('data-total'), String(SAMPLE.length + 20));
  },
  { messages: SAMPLE },
);

/**
 * What the page's thread has used of the processor, in ms. Time on the clock would measure whatever else the machine does:
 * frames are lost where this is more than there is.
 */
async function used(session) {
  const { metrics } = await session.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration').value * 1000;
}

scene(
  'a hundred messages a second leave most of each frame free, and are all counted',
  async ({ page, server, context }) => {
    await isLive(page);
    const session = await context.newCDPSession(page);
    await session.send('Performance.enable', { timeDomain: 'threadTicks' });
    await page.evaluate(() => {
      window.framesDrawn = 0;
      const tick = () => {
        window.framesDrawn += 1;
        requestAnimationFrame(tick);
      };
      requestAnimationFrame(tick);
    });
    const before = await used(session);
    const begun = Date.now();
    const sent = [];
    for (let i = 0; i < 500; i++) {
      const due = begun + i * 10;
      if (due > Date.now()) await new Promise((resolve) => setTimeout(resolve, due - Date.now()));
      sent.push(server.send({ message_id: `storm-${i}`, ts: new Date().toISOString(), text: `Number ${i} of a storm` }));
    }
    await Promise.all(sent);
    const total = String(SAMPLE.length + 500);
    await page.waitForFunction((n) => document.querySelector('[data-total]')?.dataset.total === n, total);
    const frames = await page.evaluate(() => window.framesDrawn);
    const perSecond = ((await used(session)) - before) / 5;
    const perFrame = perSecond / 60;
    console.log(`${perSecond.toFixed(0)} ms of processor a second, ${perFrame.toFixed(1)} ms of each 16.7; ${frames} frames in 5 s`);
    assert.ok(perFrame < 8, `${perFrame} ms of 16.7`);
    // What is shown stays small, whatever has come.
    assert.ok((await page.locator('.row').count()) <= 250);
  },
  { messages: SAMPLE },
);
