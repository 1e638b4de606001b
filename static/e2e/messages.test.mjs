// The list, its filters, a message, and what goes wrong.
import assert from 'node:assert/strict';
import { screenshot } from './harness.mjs';
import { HTML, ids, minutesAgo, noSidewaysScroll, SAMPLE, scenes, until } from './scene.mjs';

const scene = scenes();
const first = (page) => page.locator('a[data-message]').first();

scene(
  'newest first, with the total and the top senders',
  async ({ page }) => {
    await first(page).waitFor();
    assert.deepEqual(await ids(page), SAMPLE.map((m) => m.message_id).reverse());
    await page.locator('[data-total="8"]').waitFor();
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
  'every filter lives in the address: typed, shared, reloaded, stepped back',
  async ({ page, server }) => {
    await first(page).waitFor();
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

    // As people write it.
    await page.locator('input[name="from"]').fill('91 98765-43210');
    await page.keyboard.press('Enter');
    await page.getByText('3 messages match').waitFor();
    assert.equal(await page.locator('input[name="from"]').inputValue(), '+919876543210');
    await page.locator('.menu summary').click();
    await page.getByRole('button', { name: 'Last 24 hours' }).click();
    await page.getByText('2 messages match').waitFor();
    const params = () => Object.fromEntries(new URL(page.url()).searchParams);
    assert.deepEqual(params(), { from: '+919876543210', last: '24h' });
    await page.reload();
    await page.getByText('2 messages match').waitFor();
    assert.equal(await page.locator('input[name="from"]').inputValue(), '+919876543210');
    assert.deepEqual(await page.locator('[data-chip]').evaluateAll((chips) => chips.map((c) => c.dataset.chip)), ['from', 'when']);
    await page.locator('[data-chip="when"]').click();
    await page.getByText('3 messages match').waitFor();
    await page.goBack();
    await page.getByText('2 messages match').waitFor();
    await page.getByRole('button', { name: 'Clear all' }).click();
    await page.locator('[data-total="8"]').waitFor();
    assert.equal(await page.locator('input[name="from"]').inputValue(), '');

    // A stretch of time in the chosen zone, from a field to the address.
    await page.getByRole('button', { name: 'Time zone: Local' }).click();
    await page.locator('.menu summary').click();
    const utc = (iso) => iso.slice(0, 19);
    await page.locator('input[name="since"]').fill(utc(minutesAgo(100)));
    await page.locator('input[name="until"]').fill(utc(minutesAgo(200)));
    await page.getByRole('button', { name: 'Apply' }).click();
    assert.equal(await page.locator('input[name="until"]').evaluate((field) => field.validationMessage), 'Must be later than the other');
    assert.equal(params().since, undefined);
    await page.locator('input[name="until"]').fill(utc(minutesAgo(20)));
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.getByText('2 messages match').waitFor();
    assert.deepEqual(await ids(page), ['ar-1', 'he-1']);
    assert.match(params().since, /^20\d\d-.*Z$/);
    await page.goto(`${server.origin}/ui/?to=%2B14155550100`);
    await page.getByText('8 messages match').waitFor();
  },
  { messages: SAMPLE },
);

scene(
  'an empty result says which filter to loosen',
  async ({ page }) => {
    await page.getByRole('heading', { name: 'Nothing matches' }).waitFor();
    await page.locator('[data-drop="from"]').getByText('1 message').waitFor();
    await page.locator('[data-drop="when"]').getByText('still nothing').waitFor();
    // The one that gives the most is the one to choose.
    await page.locator('[data-drop="q"]').getByText('2 messages').waitFor();
    assert.match(await page.locator('[data-drop="q"]').getAttribute('class'), /primary/);
    await screenshot(page, 'nothing-light');
    await page.locator('[data-drop="from"]').click();
    await page.getByText('1 message matches').waitFor();
    assert.deepEqual(await ids(page), ['order-1041']);
    assert.equal(await page.locator('input[name="from"]').inputValue(), '');
  },
  { messages: SAMPLE, path: '/ui/?q=parcel&from=%2B14155550188&last=7d' },
);

scene(
  'a live list keeps to its filter',
  async ({ page, server }) => {
    await page.getByText('1 message matches').waitFor();
    await page.locator('[data-link="live"]').waitFor();
    await server.send({ message_id: 'other', ts: minutesAgo(0), text: 'Something else' });
    await server.send({ message_id: 'fits', ts: minutesAgo(0), text: 'One more PARCEL for you' });
    await page.getByText('2 messages match').waitFor();
    assert.deepEqual(await ids(page), ['fits', 'order-1041']);
    assert.equal(await page.locator('.row mark').first().textContent(), 'PARCEL');
  },
  { messages: SAMPLE, path: '/ui/?q=parcel' },
);

scene(
  'older messages follow as one scrolls, to the very first',
  async ({ page }) => {
    await page.locator('[data-total="320"]').waitFor();
    assert.equal((await ids(page)).length, 50);
    for (let i = 0; i < 12 && (await ids(page)).length < 320; i++) {
      await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
      await page.waitForTimeout(300);
    }
    await page.getByText('That is the first message.').waitFor();
    const all = await ids(page);
    assert.deepEqual(all, Array.from({ length: 320 }, (_, i) => `n${String(320 - i).padStart(3, '0')}`));
  },
  {
    messages: Array.from({ length: 320 }, (_, i) => ({
      message_id: `n${String(i + 1).padStart(3, '0')}`,
      ts: minutesAgo(400 - i),
    })),
  },
);

scene(
  'a message says who vouched for it, how often it came, and how to send it again',
  async ({ page, server, context }) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const sample = { from: '+919876543210', to: '+14155550100', ...SAMPLE[1] };
    await server.send(SAMPLE[1]);
    await server.send(SAMPLE[1]);
    await page.locator('a[data-message="order-1042"]').click();
    await page.locator('[data-vouched="true"]').getByText('Signature verified').waitFor();
    await page.locator('[data-duplicates="2"]').waitFor();
    assert.deepEqual(
      await page.locator('[data-outcome]').evaluateAll((rows) => rows.map((row) => row.dataset.outcome)),
      ['duplicate', 'duplicate', 'created'],
    );
    const field = (name) => page.locator(`.panel [data-field="${name}"]`);
    assert.match(await field('content_sha256').locator('code').textContent(), /^[0-9a-f]{64}$/);
    assert.match(await field('request_id').locator('code').textContent(), /^[0-9a-f-]{36}$/);
    await field('from_msisdn').getByRole('button', { name: 'Copy' }).click();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), sample.from);

    // Beside the oldest there is nothing older, and beside one that is not in the list, nothing at all.
    await page.goto(`${server.origin}/ui/#/m/nobody-knows`);
    await page.getByText('No message has this id').waitFor();
    assert.ok(await page.getByRole('button', { name: 'Older message' }).isDisabled());
    await page.goto(`${server.origin}/ui/#/m/order-1042`);
    await page.locator('[data-duplicates="2"]').waitFor();

    // The key `c` copies what sends it again: a duplicate, to the letter.
    await page.keyboard.press('c');
    await page.getByRole('button', { name: 'Copy curl' }).getByText('Copied').waitFor();
    const lines = await page.evaluate(() => navigator.clipboard.readText());
    assert.ok(lines.includes(`${server.origin}/webhook`) && lines.includes('openssl'), lines);
    const { execFile } = await import('node:child_process');
    const { promisify } = await import('node:util');
    const env = { PATH: process.env.PATH, WEBHOOK_SECRET: 'mysecret123', no_proxy: '*' };
    const { stdout } = await promisify(execFile)('bash', ['-euc', lines], { env });
    assert.deepEqual(JSON.parse(stdout), { status: 'ok' });
    await page.locator('[data-duplicates="3"]').waitFor();
    await page.locator('[data-total="8"]').waitFor();
    await screenshot(page, 'message-light');
  },
  { messages: SAMPLE, allow: (line) => !/status of 404/.test(line) },
);

scene(
  'a repeat with other content is noticed, listed and compared word by word',
  async ({ page, server }) => {
    await first(page).waitFor();
    assert.equal(await page.locator('[data-conflicts]').count(), 0);
    await server.send({ ...SAMPLE[1], text: 'Delivery tomorrow between 14:00 and 16:00' });
    await page.locator('[data-conflicts="1"]').click();
    await page.getByRole('heading', { name: 'Conflicts' }).waitFor();
    await page.getByText('Delivery tomorrow').waitFor();
    await screenshot(page, 'conflicts-light');
    await page.locator('.conflict-list').getByRole('link', { name: 'order-1042' }).click();
    await page.locator('.detail-conflicts').waitFor();
    const differing = page.locator('.detail-conflicts .differs');
    assert.deepEqual(await differing.evaluateAll((rows) => rows.map((row) => row.dataset.field)), ['text']);
    const last = (selector) => page.locator(`.detail-conflicts ${selector}`).evaluate((node) => node.lastChild.textContent);
    assert.deepEqual([await last('del'), await last('ins')], ['today', 'tomorrow']);
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
  { messages: SAMPLE, allow: (line) => !/ERR_(CONNECTION_REFUSED|INCOMPLETE_CHUNKED_ENCODING|CONNECTION_RESET)/.test(line) },
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
    await first(page).waitFor();
    await page.route('**/messages?*q=long*', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      // The page has given this request up by now.
      await route.continue().catch(() => undefined);
    });
    const asked = page.waitForRequest(/messages\?.*q=long/);
    await page.locator('#search').fill('long');
    await asked;
    await page.locator('#search').fill('parcel');
    await page.getByText('1 message matches').waitFor();
    await page.waitForTimeout(2_000);
    assert.deepEqual(await ids(page), ['order-1041']);
  },
  { messages: SAMPLE },
);

const background = (page) => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);

scene(
  'dark by preference, light by choice, remembered; and so is the time zone',
  async ({ page }) => {
    await first(page).waitFor();
    const dark = await background(page);
    await screenshot(page, 'list-dark');
    await page.getByRole('button', { name: 'Theme: System' }).click();
    await page.getByRole('button', { name: 'Theme: Light' }).waitFor();
    const light = await background(page);
    assert.notEqual(light, dark);
    const title = () => page.locator('.row time').first().getAttribute('title');
    assert.match(await title(), /GMT\+5:30|IST/);
    await page.getByRole('button', { name: 'Time zone: Local' }).click();
    await until('UTC', async () => /UTC/.test(await title()));
    await page.reload();
    await page.getByRole('button', { name: 'Theme: Light' }).waitFor();
    assert.equal(await background(page), light);
    await page.getByRole('button', { name: 'Time zone: UTC' }).waitFor();
  },
  { messages: SAMPLE, context: { colorScheme: 'dark', timezoneId: 'Asia/Kolkata' } },
);

scene(
  'on a phone nothing scrolls sideways, and a message is a page of its own',
  async ({ page }) => {
    await first(page).waitFor();
    assert.ok(await noSidewaysScroll(page));
    await screenshot(page, 'list-phone');
    await page.locator('a[data-message="long-1"]').click();
    await page.getByRole('button', { name: 'Back to the list' }).waitFor();
    assert.ok(await noSidewaysScroll(page));
    assert.ok(!(await page.locator('.rows').isVisible()));
    await page.getByRole('button', { name: 'Back to the list' }).click();
    await page.locator('.rows').waitFor();
    for (const tab of ['Refused', 'Overview', 'Send a test', 'Messages']) {
      await page.locator('.tabs.bottom').getByRole('link', { name: tab }).click();
      await page.waitForTimeout(300);
      assert.ok(await noSidewaysScroll(page), tab);
    }
    await page.setViewportSize({ width: 820, height: 1100 });
    await until('nothing scrolls sideways', () => noSidewaysScroll(page));
    await screenshot(page, 'list-tablet');
    await page.setViewportSize({ width: 320, height: 640 });
    await until('nothing scrolls sideways', () => noSidewaysScroll(page));
  },
  { messages: SAMPLE, context: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } },
);
