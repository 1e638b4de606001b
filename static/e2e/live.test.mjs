// Messages as they arrive.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { launchBrowser, newFolder, openPage, screenshot, startServer } from './harness.mjs';
import { ids, minutesAgo, noSidewaysScroll, SAMPLE, scenes, until } from './scene.mjs';

const run = promisify(execFile);
const scene = scenes();
const isLive = (page) => page.locator('[data-link="live"]').waitFor();
const row = (page, id) => page.locator(`a[data-message="${id}"]`);

scene('the empty page shows lines that work, and turns into the list by itself', async ({ page, server }) => {
  await page.getByRole('heading', { name: 'Listening for your first message' }).waitFor();
  await isLive(page);
  const lines = await page.locator('[data-shell-line]').allTextContents();
  assert.equal(lines.length, 3);
  assert.ok(lines[2].includes(`${server.origin}/webhook`), lines[2]);
  await screenshot(page, 'empty-light');
  await page.emulateMedia({ colorScheme: 'dark' });
  await screenshot(page, 'empty-dark');
  await page.setViewportSize({ width: 360, height: 780 });
  await screenshot(page, 'empty-phone');
  assert.ok(await noSidewaysScroll(page));

  const env = { PATH: process.env.PATH, no_proxy: '*' };
  const { stdout } = await run('bash', ['-euc', lines.join('\n')], { env });
  assert.deepEqual(JSON.parse(stdout), { status: 'ok' });
  await row(page, 'm1').waitFor();
  assert.equal(await page.getByRole('heading', { name: 'Listening' }).count(), 0);
});

scene(
  'a reader far down is not moved, and is told how many have come',
  async ({ page, server }) => {
    await row(page, 'r3').waitFor();
    await isLive(page);
    await page.evaluate(() => scrollTo(0, 900));
    await page.waitForFunction(() => scrollY > 500);
    const before = await ids(page);
    const place = () => page.locator('.row').nth(20).evaluate((element) => element.getBoundingClientRect().top);
    const top = await place();
    for (let i = 0; i < 12; i++) await server.send({ message_id: `brand-new-${i}`, ts: minutesAgo(0) });
    await page.locator('[data-held="12"]').waitFor();
    assert.deepEqual(await ids(page), before);
    assert.equal(await place(), top);
    await page.getByRole('button', { name: '12 messages arrived: show' }).click();
    await row(page, 'brand-new-11').waitFor();
    await page.waitForFunction(() => scrollY === 0);
    assert.equal((await ids(page)).filter((id) => id.startsWith('brand-new')).length, 12);
    assert.equal(await page.locator('[data-held]').count(), 0);
  },
  { messages: Array.from({ length: 50 }, (_, i) => ({ message_id: `r${i}`, ts: minutesAgo(60 + i) })) },
);

scene(
  'who is about to choose a row does not see it slip away, and sees what came a moment later',
  async ({ page, server }) => {
    await isLive(page);
    await page.locator('.row').nth(1).hover();
    const before = await ids(page);
    await server.send({ message_id: 'in-between', ts: minutesAgo(0) });
    await page.locator('[data-held="1"]').waitFor();
    assert.deepEqual(await ids(page), before);
    await row(page, 'in-between').waitFor();
    assert.equal((await ids(page))[0], 'in-between');
  },
  { messages: SAMPLE },
);

scene(
  'five windows of one browser are all live',
  async ({ page, server, context }) => {
    const pages = [page];
    for (let i = 0; i < 4; i++) {
      const next = await context.newPage();
      await next.goto(`${server.origin}/ui/`);
      pages.push(next);
    }
    for (const each of pages) await isLive(each);
    // Long enough for what waits for a connection to be given up.
    await page.waitForTimeout(11_000);
    await server.send({ message_id: 'for-all', ts: minutesAgo(0) });
    for (const each of pages) {
      await row(each, 'for-all').waitFor();
      await isLive(each);
    }
  },
  { messages: SAMPLE },
);

scene(
  'what was sent long ago and arrives now is seen, too',
  async ({ page, server }) => {
    await row(page, 'r3').waitFor();
    await isLive(page);
    await server.send({ message_id: 'from-the-past', ts: '2020-02-29T12:00:00Z' });
    await page.locator('.late').getByText('Just arrived, sent earlier').waitFor();
    await page.locator('.late a[data-message="from-the-past"]').waitFor();
    await page.getByRole('button', { name: 'Dismiss' }).click();
    await page.locator('.late').waitFor({ state: 'detached' });
    assert.ok(!(await ids(page)).includes('from-the-past'));
  },
  { messages: Array.from({ length: 60 }, (_, i) => ({ message_id: `r${i}`, ts: minutesAgo(60 + i) })) },
);

scene(
  'paused, nothing moves; resumed, nothing is missing',
  async ({ page, server }) => {
    await isLive(page);
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.locator('[data-link="paused"]').waitFor();
    const before = await ids(page);
    for (let i = 0; i < 5; i++) await server.send({ message_id: `meanwhile-${i}`, ts: minutesAgo(0) });
    await page.waitForTimeout(1_000);
    assert.deepEqual(await ids(page), before);
    await page.getByRole('button', { name: 'Resume' }).click();
    await until('all five', async () => (await ids(page)).filter((id) => id.startsWith('meanwhile')).length === 5);
    await isLive(page);
  },
  { messages: SAMPLE },
);

scene(
  'a hidden page asks nothing and catches up when it is looked at',
  async ({ page, server }) => {
    await isLive(page);
    const look = (hidden) =>
      page.evaluate((value) => {
        Object.defineProperty(document, 'hidden', { value, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
      }, hidden);
    await look(true);
    let asked = 0;
    page.on('request', () => (asked += 1));
    await server.send({ message_id: 'meanwhile', ts: minutesAgo(0) });
    await page.waitForTimeout(6_000);
    assert.equal(asked, 0);
    assert.equal(await row(page, 'meanwhile').count(), 0);
    await look(false);
    await row(page, 'meanwhile').waitFor({ timeout: 3_000 });
  },
  { messages: SAMPLE },
);

scene(
  'without a stream, the list is asked for every five seconds',
  async ({ page, server }) => {
    await page.route('**/messages/live*', (route) => route.fulfill({ status: 503, body: '' }));
    await page.reload();
    await page.locator('[data-link="polling"]').waitFor({ timeout: 30_000 });
    await server.send({ message_id: 'polled', ts: minutesAgo(0) });
    await row(page, 'polled').waitFor();
    await page.unroute('**/messages/live*');
    await page.locator('[data-link="live"]').waitFor({ timeout: 40_000 });
  },
  { messages: SAMPLE, allow: (line) => !line.includes('503') },
);

test('a server that is started anew leaves no gap', { timeout: 120_000 }, async () => {
  const folder = await newFolder();
  const browser = await launchBrowser();
  const settings = { DATABASE_URL: 'sqlite://./app.db' };
  let server = await startServer(settings, folder);
  try {
    for (let i = 0; i < 5; i++) await server.send({ message_id: `before-${i}`, ts: minutesAgo(10 - i) });
    const { page, wrong } = await openPage(browser, server);
    await isLive(page);
    // The list is asked for when the stream stands.
    await until('all five', async () => (await ids(page)).length === 5);
    await server.stop();
    await page.locator('[data-link="reconnecting"]').waitFor();
    await page.getByText('The server does not answer').waitFor();
    assert.equal((await ids(page)).length, 5);
    server = await startServer({ ...settings, BIND: server.address }, folder);
    // At once, before the page can have come back; one of them is older than all that it shows.
    for (let i = 0; i < 5; i++) await server.send({ message_id: `after-${i}`, ts: minutesAgo(4 - i / 2) });
    await server.send({ message_id: 'after-old', ts: minutesAgo(600) });
    await page.locator('[data-link="live"]').waitFor({ timeout: 40_000 });
    await until('all of them, once', async () => (await ids(page)).length === 11);
    assert.equal(new Set(await ids(page)).size, 11);
    await server.send({ message_id: 'later', ts: minutesAgo(0) });
    await row(page, 'later').waitFor();
    assert.deepEqual(
      wrong.filter((line) => !/ERR_(CONNECTION_REFUSED|INCOMPLETE_CHUNKED_ENCODING|CONNECTION_RESET|EMPTY_RESPONSE)/.test(line)),
      [],
    );
  } finally {
    await browser.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
});
