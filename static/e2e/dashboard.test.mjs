import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before } from 'node:test';
import { promisify } from 'node:util';
import { launchBrowser, screenshot } from './harness.mjs';
import { minutesAgo, scenes } from './scene.mjs';

const run = promisify(execFile);
const HTML = '<img src=x onerror=alert(1)><script>alert(2)</script>';

let browser;
before(async () => (browser = await launchBrowser()));
after(() => browser?.close());

const scene = scenes(() => browser);

const SAMPLE = [
  { message_id: 'order-1041', from: '+919876543210', ts: minutesAgo(4000), text: 'Your parcel has left the warehouse.' },
  { message_id: 'order-1042', from: '+919876543210', ts: minutesAgo(190), text: 'Delivery today between 14:00 and 16:00' },
  { message_id: 'he-1', from: '+972501234567', ts: minutesAgo(64), text: 'שלום! ההזמנה #123 מוכנה (ABC).' },
  { message_id: 'ar-1', from: '+971501234567', ts: minutesAgo(31), text: 'مرحبا، تم تأكيد طلبك رقم 4711' },
  { message_id: 'none-1', from: '+447911123456', ts: minutesAgo(12), text: undefined },
  { message_id: 'long-1', from: '+14155550188', ts: minutesAgo(7), text: 'A long message that goes on. '.repeat(60).trim() },
  { message_id: HTML, from: '+14155550188', ts: minutesAgo(3), text: `${HTML} & "quotes" 😀` },
  { message_id: 'a/b?c#d %2F ../é😀', from: '+919876543210', ts: minutesAgo(1), text: 'An id with everything in it' },
];

const ids = (page) => page.locator('a[data-message]').evaluateAll((links) => links.map((a) => a.dataset.message));
const figure = (page, name) => page.locator(`[data-figure="${name}"] dd`);
const noSidewaysScroll = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth);

scene('the empty page shows lines that work, and turns into the list by itself', async ({ page, server }) => {
  await page.getByRole('heading', { name: 'Listening for your first message' }).waitFor();
  await page.locator('[data-link="live"]').waitFor();
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
  await page.locator('a[data-message="m1"]').waitFor();
  assert.equal(await page.getByRole('heading', { name: 'Listening' }).count(), 0);
});

scene(
  'newest first, with figures and top senders',
  async ({ page }) => {
    await page.locator('a[data-message]').first().waitFor();
    assert.deepEqual(await ids(page), SAMPLE.map((m) => m.message_id).reverse());
    assert.equal(await figure(page, 'total').textContent(), '8');
    assert.equal(await figure(page, 'senders').textContent(), '5');
    assert.equal(await figure(page, 'last').locator('time').getAttribute('datetime').then(Date.parse), Date.parse(SAMPLE.at(-1).ts));
    assert.equal(await figure(page, 'first').locator('time').getAttribute('datetime').then(Date.parse), Date.parse(SAMPLE[0].ts));
    const senders = await page.locator('.sender .number').allTextContents();
    assert.deepEqual(senders.slice(0, 2), ['+919876543210', '+14155550188']);
    assert.deepEqual(await page.locator('.sender .amount').allTextContents(), ['3', '2', '1', '1', '1']);
    await page.locator('[data-version]').waitFor();
    await screenshot(page, 'list-light');

    await page.locator('.sender').first().click();
    await page.waitForURL(/\?from=%2B919876543210$/);
    await page.getByText('3 messages match').waitFor();
    assert.equal(await page.locator('a[data-message]').count(), 3);
  },
  { messages: SAMPLE },
);

scene(
  'HTML in texts and ids is text, and every id has a permalink',
  async ({ page, server }) => {
    const row = page.locator('.row', { hasText: 'quotes' });
    await row.waitFor();
    assert.equal(await row.locator('.row-text').textContent(), SAMPLE[6].text);
    assert.equal(await page.locator('#app :is(img, script)').count(), 0);
    for (const { message_id } of [SAMPLE[6], SAMPLE[7]]) {
      await page.locator('a[data-message]').nth(message_id === HTML ? 1 : 0).click();
      const shown = page.locator('.panel [data-field="message_id"] code');
      await page.waitForFunction((id) => document.querySelector('.panel [data-field="message_id"] code')?.textContent === id, message_id);
      await page.goto('about:blank');
      await page.goto(`${server.origin}/ui/#/m/${encodeURIComponent(message_id)}`);
      await shown.waitFor();
      assert.equal(await shown.textContent(), message_id);
      await page.keyboard.press('Escape');
      await page.locator('.panel').waitFor({ state: 'detached' });
    }
  },
  { messages: SAMPLE, allow: (line) => line !== 'request: about:blank' },
);

scene(
  'the search lives in the address: typed, shared, reloaded, stepped back',
  async ({ page, server }) => {
    await page.locator('a[data-message]').first().waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('delivery TODAY');
    await page.getByText('1 message matches').waitFor();
    assert.deepEqual(await ids(page), ['order-1042']);
    assert.equal(await page.locator('.row mark').textContent(), 'Delivery today');
    assert.equal(new URL(page.url()).searchParams.get('q'), 'delivery TODAY');
    await page.reload();
    await page.getByText('1 message matches').waitFor();
    assert.equal(await page.locator('#search').inputValue(), 'delivery TODAY');
    await page.goBack();
    await page.waitForFunction(() => document.querySelectorAll('a[data-message]').length === 8);
    assert.equal(await page.locator('#search').inputValue(), '');

    await page.goto(`${server.origin}/ui/?q=parcel&from=%2B14155550188`);
    await page.getByRole('heading', { name: 'Nothing matches' }).waitFor();
    await page.getByRole('button', { name: /Drop the sender.*1 message/ }).waitFor();
    await page.getByRole('button', { name: /Drop the search.*2 messages/ }).click();
    await page.waitForFunction(() => document.querySelectorAll('a[data-message]').length === 2);
    assert.equal(await page.locator('#search').inputValue(), '');
  },
  { messages: SAMPLE },
);

scene(
  'pages of older messages',
  async ({ page }) => {
    await page.getByText('1–50 of 120').waitFor();
    await page.getByRole('button', { name: 'Older' }).click();
    await page.getByText('51–100 of 120').waitFor();
    assert.match(page.url(), /\?offset=50$/);
    assert.equal((await ids(page))[0], 'n070');
    await page.getByRole('button', { name: 'Older' }).click();
    await page.getByText('101–120 of 120').waitFor();
    assert.ok(await page.getByRole('button', { name: 'Older' }).isDisabled());
  },
  {
    messages: Array.from({ length: 120 }, (_, i) => ({
      message_id: `n${String(i + 1).padStart(3, '0')}`,
      ts: minutesAgo(200 - i),
    })),
  },
);

scene(
  'a repeat with other content is noticed, listed and compared',
  async ({ page, server }) => {
    await page.locator('a[data-message]').first().waitFor();
    assert.equal(await page.locator('[data-conflicts]').count(), 0);
    await server.send({ ...SAMPLE[1], text: 'Delivery tomorrow' });
    await page.locator('[data-conflicts="1"]').waitFor();
    await page.getByRole('link', { name: 'Review' }).click();
    await page.getByRole('heading', { name: 'Conflicts' }).waitFor();
    await page.getByText('Delivery tomorrow').waitFor();
    await screenshot(page, 'conflicts-light');
    await page.locator('.conflict-list').getByRole('link', { name: 'order-1042' }).click();
    await page.locator('.detail-conflicts').waitFor();
    const differing = page.locator('.detail-conflicts .differs');
    assert.deepEqual(await differing.evaluateAll((rows) => rows.map((row) => row.dataset.field)), ['text']);
    await screenshot(page, 'detail-light');
    await page.emulateMedia({ colorScheme: 'dark' });
    await screenshot(page, 'detail-dark');
    await page.setViewportSize({ width: 360, height: 780 });
    await screenshot(page, 'detail-phone');
    assert.ok(await noSidewaysScroll(page));
  },
  { messages: SAMPLE },
);

scene(
  'the keyboard alone is enough',
  async ({ page }) => {
    await page.locator('a[data-message]').first().waitFor();
    const focusOn = (id) => page.waitForFunction((row) => document.activeElement?.dataset.message === row, id);
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    await focusOn(HTML);
    await page.keyboard.press('Enter');
    await page.locator('.panel').waitFor();
    await page.waitForFunction(() => document.activeElement?.id === 'panel-title');
    await page.keyboard.press('j');
    await page.waitForURL(/#\/m\/long-1$/);
    await page.keyboard.press('Escape');
    await page.locator('.panel').waitFor({ state: 'detached' });
    await focusOn('long-1');
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    await screenshot(page, 'help-light');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.keyboard.press('p');
    await page.locator('[data-link="paused"]').waitFor();
    await page.keyboard.press('p');
    await page.locator('[data-link="live"]').waitFor();
  },
  { messages: SAMPLE },
);

scene(
  'a reader far down is not moved by what arrives',
  async ({ page, server }) => {
    await page.locator('a[data-message]').first().waitFor();
    await page.evaluate(() => scrollTo(0, 900));
    await page.waitForFunction(() => scrollY > 500);
    await server.send({ message_id: 'brand-new', ts: minutesAgo(0) });
    await page.getByRole('button', { name: '1 new message: show' }).click();
    await page.locator('a[data-message="brand-new"]').waitFor();
    await page.waitForFunction(() => scrollY === 0);
  },
  { messages: Array.from({ length: 50 }, (_, i) => ({ message_id: `r${i}`, ts: minutesAgo(60 + i) })) },
);

scene(
  'without the server the page says so and keeps what it has',
  async ({ page, server }) => {
    await page.locator('[data-link="live"]').waitFor();
    await server.stop();
    await page.locator('[data-link="reconnecting"]').waitFor();
    await page.getByText('The server does not answer').waitFor();
    assert.equal(await page.locator('a[data-message]').count(), SAMPLE.length);
    await page.locator('a[data-message]').nth(2).click();
    await page.locator('.panel [data-field="message_id"]').waitFor();
    await screenshot(page, 'offline-light');
  },
  { messages: SAMPLE, allow: (line) => !line.includes('ERR_CONNECTION_REFUSED') },
);

scene(
  'a problem is shown in the words of the server, and its Retry-After is obeyed',
  async ({ page }) => {
    await page.locator('[data-link="live"]').waitFor();
    const problem = { type: 'about:blank', title: 'Storage is away', status: 503, detail: 'The disk is full.' };
    let asked = 0;
    await page.route('**/stats', (route) => {
      asked += 1;
      return route.fulfill({
        status: 503,
        headers: { 'Content-Type': 'application/problem+json', 'Retry-After': '60' },
        body: JSON.stringify(problem),
      });
    });
    await page.locator('[data-link="reconnecting"]').waitFor();
    await page.getByText('Storage is away').waitFor();
    await page.getByText('The disk is full.').waitFor();
    await page.getByText(/Next try in [567]\d s/).waitFor();
    await page.waitForTimeout(6_000);
    assert.equal(asked, 1);
    await screenshot(page, 'problem-light');
    await page.unroute('**/stats');
    await page.getByRole('button', { name: 'Try now' }).click();
    await page.locator('[data-link="live"]').waitFor();
    assert.equal(await page.getByText('Storage is away').count(), 0);
  },
  { messages: SAMPLE, allow: (line) => !line.includes('503') },
);

scene(
  'a late answer to an old question does not replace a newer one',
  async ({ page }) => {
    await page.locator('a[data-message]').first().waitFor();
    await page.route('**/messages?*q=long*', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      // The page has given this request up by now.
      await route.continue().catch(() => undefined);
    });
    const asked = page.waitForRequest(/q=long/);
    await page.locator('#search').fill('long');
    await asked;
    await page.locator('#search').fill('parcel');
    await page.getByText('1 message matches').waitFor();
    await page.waitForTimeout(2_000);
    assert.deepEqual(await ids(page), ['order-1041']);
  },
  { messages: SAMPLE },
);

scene(
  'a hidden page asks nothing and catches up when it is looked at',
  async ({ page, server }) => {
    await page.locator('[data-link="live"]').waitFor();
    const look = (hidden) =>
      page.evaluate((value) => {
        Object.defineProperty(document, 'hidden', { value, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
      }, hidden);
    await look(true);
    let asked = 0;
    page.on('request', () => (asked += 1));
    await page.waitForTimeout(6_000);
    assert.equal(asked, 0);
    await server.send({ message_id: 'meanwhile', ts: minutesAgo(0) });
    await look(false);
    await page.locator('a[data-message="meanwhile"]').waitFor({ timeout: 3_000 });
  },
  { messages: SAMPLE },
);

const background = (page) => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);

scene(
  'dark by preference, light by choice, remembered',
  async ({ page }) => {
    await page.locator('a[data-message]').first().waitFor();
    const dark = await background(page);
    await screenshot(page, 'list-dark');
    await page.getByRole('button', { name: 'Theme: System' }).click();
    await page.getByRole('button', { name: 'Theme: Light' }).waitFor();
    const light = await background(page);
    assert.notEqual(light, dark);
    await page.reload();
    await page.getByRole('button', { name: 'Theme: Light' }).waitFor();
    assert.equal(await background(page), light);
  },
  { messages: SAMPLE, context: { colorScheme: 'dark' } },
);

scene(
  'on a phone nothing scrolls sideways, and a message is a page of its own',
  async ({ page }) => {
    await page.locator('a[data-message]').first().waitFor();
    assert.ok(await noSidewaysScroll(page));
    await screenshot(page, 'list-phone');
    await page.locator('a[data-message="long-1"]').click();
    await page.getByRole('button', { name: 'Back to the list' }).waitFor();
    assert.ok(await noSidewaysScroll(page));
    assert.ok(!(await page.locator('.rows').isVisible()));
    await page.getByRole('button', { name: 'Back to the list' }).click();
    await page.locator('.rows').waitFor();
    await page.setViewportSize({ width: 820, height: 1100 });
    assert.ok(await noSidewaysScroll(page));
    await screenshot(page, 'list-tablet');
    await page.setViewportSize({ width: 320, height: 640 });
    assert.ok(await noSidewaysScroll(page));
  },
  { messages: SAMPLE, context: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } },
);
