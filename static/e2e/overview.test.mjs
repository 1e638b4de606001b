import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { screenshot } from './harness.mjs';
import { scenes, until } from './scene.mjs';

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

const scene = scenes();

/** The present of the page, so that no hour ends while a test runs. What the server counts itself is of its own present. */
const NOW = Date.parse('2026-11-10T12:20:00Z');
const HOUR = 3_600_000;
const ago = (ms) => new Date(NOW - ms).toISOString();

const SAMPLE = [
  { message_id: 'old', from: '+447911123456', ts: ago(50 * 24 * HOUR) },
  { message_id: 'day', from: '+447911123456', ts: ago(60 * HOUR) },
  { message_id: 'a1', ts: '2026-11-10T08:10:00Z' },
  { message_id: 'a2', ts: '2026-11-10T08:59:59.999Z' },
  { message_id: 'b1', ts: '2026-11-10T09:00:00Z' },
  { message_id: 'c1', from: '+14155550188', ts: '2026-11-10T10:30:00Z' },
  { message_id: 'm1', ts: '2026-11-10T12:18:30Z' },
];

const UTC = { context: { timezoneId: 'UTC' } };

async function open(page, span = '') {
  await page.locator('[data-link="live"]').waitFor();
  await page.clock.setFixedTime(NOW);
  await page.getByRole('link', { name: 'Overview' }).first().click();
  await page.locator('.timeline [role="option"]').first().waitFor();
  if (!span) return;
  await page.getByRole('button', { name: span, exact: true }).click();
  await page.locator('.timeline .chart[aria-busy="false"]').waitFor();
  await page.getByText(`by ${span.toLowerCase().replace(/s$/, '')}`).first().waitFor();
}

const figure = (page, name) => page.locator(`[data-figure="${name}"] dd`);
const plot = (page, part = 'timeline') => page.locator(`.${part} [role="listbox"]`);
const bars = (page, part = 'timeline') =>
  page
    .locator(`.${part} [role="option"]`)
    .evaluateAll((all) => all.map(({ dataset }) => ({ start: dataset.start, values: dataset.values.split(' ').map(Number) })));
const full = (all) => all.filter(({ values }) => values.some((value) => value > 0)).map(({ start, values }) => [start, ...values]);
const search = (page) => Object.fromEntries(new URL(page.url()).searchParams);
const active = (page, part) =>
  plot(page, part).evaluate((list) => document.getElementById(list.getAttribute('aria-activedescendant'))?.getAttribute('aria-label'));

/** The middle of the bar that begins then. */
async function middle(page, start) {
  const box = await page.locator(`.timeline [data-start="${start}"][role="option"]`).boundingBox();
  return [box.x + box.width / 2, box.y + box.height / 2];
}

async function shows(page, expected, filter) {
  await page.getByText(`${expected.length} ${expected.length === 1 ? 'message matches' : 'messages match'}`).first().waitFor();
  const shown = (all) => [...document.querySelectorAll('a[data-message]')].map((a) => a.dataset.message).join() === all;
  await page.waitForFunction(shown, expected.join());
  assert.deepEqual(search(page), filter);
}

/** What the table says, oldest first, as the chart does. */
async function table(page, part) {
  const twin = page.locator(`.${part} .twin`);
  await twin.locator('summary').click();
  // It is written when it is looked at.
  await twin.locator('tfoot td').first().waitFor();
  const rows = await twin
    .locator('tbody tr')
    .evaluateAll((all) => all.map((row) => ({ start: row.dataset.start, values: [...row.querySelectorAll('td')].map((td) => Number(td.textContent)) })));
  const total = await twin.locator('tfoot td').allTextContents();
  return { rows: rows.reverse(), total: total.map(Number) };
}

async function accessible(page) {
  await page.evaluate(await import('node:fs').then((fs) => fs.readFileSync(axe, 'utf8')));
  const found = await page.evaluate(() =>
    globalThis.axe.run('.overview', { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }),
  );
  assert.deepEqual(found.violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]), []);
}

scene(
  'figures, bars and table of known messages',
  async ({ page }) => {
    await open(page);
    assert.equal(await figure(page, 'total').textContent(), '7');
    assert.equal(await figure(page, 'senders').textContent(), '3');
    const at = (name) => figure(page, name).locator('time').getAttribute('datetime').then(Date.parse);
    assert.equal(await at('last'), Date.parse(SAMPLE.at(-1).ts));
    assert.equal(await at('first'), Date.parse(SAMPLE[0].ts));
    await page.getByText('5 messages sent in the last 48 hours').waitFor();
    const hours = await bars(page);
    assert.equal(hours.length, 48);
    assert.equal(hours.at(-1).start, '2026-11-10T12:00:00.000Z');
    assert.deepEqual(full(hours), [
      ['2026-11-10T08:00:00.000Z', 2],
      ['2026-11-10T09:00:00.000Z', 1],
      ['2026-11-10T10:00:00.000Z', 1],
      ['2026-11-10T12:00:00.000Z', 1],
    ]);
    const twin = await table(page, 'timeline');
    assert.deepEqual(twin, { rows: hours, total: [5] });
    await screenshot(page, 'overview-light');
    await accessible(page);
    await page.emulateMedia({ colorScheme: 'dark' });
    await screenshot(page, 'overview-dark');
    await accessible(page);

    await page.getByRole('button', { name: 'Minutes', exact: true }).click();
    await page.getByText('1 message sent in the last hour').waitFor();
    assert.equal(search(page).span, 'minutes');
    assert.deepEqual(full(await bars(page)), [['2026-11-10T12:18:00.000Z', 1]]);
    await page.reload();
    await page.locator('.timeline [role="option"]').nth(59).waitFor();
    assert.equal(await page.getByRole('button', { name: 'Minutes', exact: true }).getAttribute('aria-pressed'), 'true');
  },
  { messages: SAMPLE, ...UTC },
);

scene(
  'a click, a drag, the keyboard and the table lead to the messages of that time, and of no other filter',
  async ({ page }) => {
    await open(page);
    const eight = { since: '2026-11-10T08:00:00.000Z', until: '2026-11-10T09:00:00.000Z' };
    const morning = { since: '2026-11-10T08:00:00.000Z', until: '2026-11-10T11:00:00.000Z' };
    await page.mouse.click(...(await middle(page, eight.since)));
    await shows(page, ['a2', 'a1'], eight);

    // From right to left, as well.
    await open(page);
    await page.mouse.move(...(await middle(page, '2026-11-10T10:00:00.000Z')));
    await page.mouse.down();
    await page.mouse.move(...(await middle(page, '2026-11-10T09:00:00.000Z')));
    await page.mouse.move(...(await middle(page, eight.since)));
    const tip = page.locator('.chart-tip');
    assert.match(await tip.textContent(), /Tue 10 Nov, 08:00 – 11:004 messages/);
    await page.mouse.up();
    await shows(page, ['c1', 'b1', 'a2', 'a1'], morning);

    // Escape takes a drag back.
    await open(page);
    await page.mouse.move(...(await middle(page, '2026-11-10T10:00:00.000Z')));
    await page.mouse.down();
    await page.mouse.move(...(await middle(page, eight.since)));
    await page.keyboard.press('Escape');
    await page.mouse.up();
    assert.ok(page.url().endsWith('#/overview'), page.url());

    await plot(page).focus();
    await page.keyboard.press('End');
    for (let i = 0; i < 2; i++) await page.keyboard.press('ArrowLeft');
    assert.equal(await active(page), 'Tue 10 Nov, 10:00 – 11:00: 1 message');
    for (let i = 0; i < 2; i++) await page.keyboard.press('Shift+ArrowLeft');
    assert.equal(await page.locator('.timeline [aria-selected="true"]').count(), 3);
    assert.match(await tip.textContent(), /08:00 – 11:004 messages/);
    await page.keyboard.press('Enter');
    await shows(page, ['c1', 'b1', 'a2', 'a1'], morning);

    await page.goto(`${new URL(page.url()).origin}/ui/?from=%2B14155550188#/overview`);
    await page.clock.setFixedTime(NOW);
    await page.locator('.timeline [role="option"]').first().waitFor();
    await page.getByRole('button', { name: 'Days', exact: true }).click();
    await page.getByText('6 messages sent in the last 30 days').waitFor();
    await page.locator('.timeline .twin summary').click();
    await page.getByRole('button', { name: 'Sun 8 Nov: show 1 message' }).click();
    await shows(page, ['day'], { span: 'days', since: '2026-11-08T00:00:00.000Z', until: '2026-11-09T00:00:00.000Z' });
  },
  { messages: SAMPLE, ...UTC },
);

scene(
  'what arrives takes neither the focus nor a drag away',
  async ({ page, server }) => {
    await open(page);
    await plot(page).focus();
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await server.send({ message_id: 'new1', ts: '2026-11-10T10:05:00Z' });
    await page.locator('[data-sum="6"]').waitFor();
    assert.equal(await plot(page).evaluate((list) => list === document.activeElement), true);
    assert.equal(await active(page), 'Tue 10 Nov, 10:00 – 11:00: 2 messages');
    assert.match(await page.locator('.chart-tip').textContent(), /10:00 – 11:002 messages/);

    await page.mouse.move(...(await middle(page, '2026-11-10T09:00:00.000Z')));
    await page.mouse.down();
    await page.mouse.move(...(await middle(page, '2026-11-10T10:00:00.000Z')));
    await server.send({ message_id: 'new2', ts: '2026-11-10T09:05:00Z' });
    // The row itself moves on by an hour.
    await page.clock.setFixedTime(NOW + HOUR);
    await page.locator('[data-sum="7"]').waitFor();
    await page.locator('.timeline [data-start="2026-11-10T13:00:00.000Z"]').first().waitFor();
    assert.match(await page.locator('.chart-tip').textContent(), /09:00 – 11:004 messages/);
    await page.mouse.up();
    await shows(page, ['c1', 'new1', 'new2', 'b1'], { since: '2026-11-10T09:00:00.000Z', until: '2026-11-10T11:00:00.000Z' });
  },
  { messages: SAMPLE, ...UTC },
);

const LOCAL = [
  { message_id: 'sunday', ts: '2026-10-25T22:30:00Z' },
  { message_id: 'before', ts: '2026-10-24T21:59:59Z' },
  { message_id: 'late', ts: '2026-11-05T23:30:00Z' },
];

scene(
  'days begin at midnight of the chosen zone, and the one on which clocks are put back has 25 hours',
  async ({ page }) => {
    await open(page, 'Days');
    await page.locator('[data-sum="3"]').waitFor();
    const days = await bars(page);
    assert.equal(days.length, 30);
    assert.deepEqual(full(days), [
      ['2026-10-23T22:00:00.000Z', 1],
      ['2026-10-24T22:00:00.000Z', 1],
      ['2026-11-05T23:00:00.000Z', 1],
    ]);
    await page.getByRole('button', { name: 'Time zone: Local' }).click();
    await page.locator('.timeline [data-start="2026-11-05T00:00:00.000Z"]').first().waitFor();
    assert.deepEqual(full(await bars(page)), [
      ['2026-10-24T00:00:00.000Z', 1],
      ['2026-10-25T00:00:00.000Z', 1],
      ['2026-11-05T00:00:00.000Z', 1],
    ]);
    await page.getByRole('button', { name: 'Time zone: UTC' }).click();
    await page.locator('.timeline [data-start="2026-10-24T22:00:00.000Z"]').first().waitFor();
    await page.mouse.click(...(await middle(page, '2026-10-24T22:00:00.000Z')));
    await shows(page, ['sunday'], { span: 'days', since: '2026-10-24T22:00:00.000Z', until: '2026-10-25T23:00:00.000Z' });
  },
  { messages: LOCAL, context: { timezoneId: 'Europe/Berlin' } },
);

scene(
  'outcomes count what was stored, repeated, in conflict and refused',
  async ({ page, server }) => {
    await server.send(SAMPLE[2]);
    await server.send({ ...SAMPLE[3], text: 'Something else' });
    for (const signature of ['00'.repeat(32), 'nonsense', 'ff'.repeat(32)]) {
      const answer = await fetch(`${server.origin}/webhook`, { method: 'POST', headers: { 'X-Signature': signature }, body: '{}' });
      assert.equal(answer.status, 401);
    }
    await open(page);
    const totals = () =>
      page.locator('[data-outcome]').evaluateAll((all) => Object.fromEntries(all.map(({ dataset }) => [dataset.outcome, Number(dataset.total)])));
    await page.locator('[data-outcome="refused"][data-total="3"]').waitFor();
    assert.deepEqual(await totals(), { created: SAMPLE.length, duplicate: 1, conflict: 1, refused: 3 });
    await figure(page, 'refused').getByText('3', { exact: true }).waitFor();
    const all = await bars(page, 'outcomes');
    assert.equal(all.length, 48);
    assert.deepEqual([0, 1, 2, 3].map((i) => all.reduce((sum, { values }) => sum + values[i], 0)), [SAMPLE.length, 1, 1, 3]);
    assert.deepEqual(await table(page, 'outcomes'), { rows: all, total: [SAMPLE.length, 1, 1, 3] });

    await plot(page, 'outcomes').focus();
    const newest = full(all).at(-1);
    for (let i = all.length - 1; all[i].start !== newest[0]; i--) await page.keyboard.press('ArrowLeft');
    assert.ok((await active(page, 'outcomes')).includes(`${newest[4]} refused`) || newest[4] === 0);
    assert.match(await page.locator('.chart-tip').textContent(), /stored.*duplicate.*conflict.*refused/);
    await page.getByText(/^\d+ webhooks in the last 15 minutes$/).waitFor();

    await page.getByRole('button', { name: 'Minutes', exact: true }).click();
    await page.locator('.outcomes [role="option"]').nth(59).waitFor();
    assert.deepEqual(await totals(), { created: SAMPLE.length, duplicate: 1, conflict: 1, refused: 3 });

    await page.getByRole('link', { name: 'See why' }).click();
    await page.waitForURL(/#\/refused$/);
  },
  { messages: SAMPLE, ...UTC },
);

scene(
  'storage, keys and readiness in words; a part that fails, or that the server does not know, leaves the others alone',
  async ({ page }) => {
    await page.locator('[data-link="live"]').waitFor();
    await page.getByRole('link', { name: 'Overview' }).first().click();
    await page.getByText('No webhooks in the last 15 minutes.').waitFor();
    await page.getByText('Messages are lost when this process ends').waitFor();
    await page.getByRole('row', { name: /default \/webhook/ }).waitFor();
    await page.getByText('Ready for webhooks').waitFor();
    assert.equal(await page.locator('[data-check].ok').count(), 5);

    const problem = (status, title, rest = {}) => ({ status, contentType: 'application/problem+json', json: { type: 'about:blank', title, status, ...rest } });
    await page.route('**/stats/timeline?*', (route) => route.fulfill(problem(500, 'Internal Server Error')));
    await page.route('**/stats/server?*', (route) => route.fulfill(problem(404, 'Not Found')));
    const ok = { status: 'ok' };
    const checks = { server: ok, database: ok, schema: ok, writer: ok, disk: { status: 'failed', detail: '12 MiB are left' } };
    await page.route('**/health/ready', (route) => route.fulfill(problem(503, 'Service Unavailable', { checks })));
    await page.reload();
    await page.getByText('This could not be loaded: Internal Server Error').waitFor();
    await page.getByText('Not ready for webhooks').waitFor();
    await page.getByText('12 MiB are left').waitFor();
    assert.equal(await page.locator('[data-part="outcomes"], [data-part="storage"], [data-part="latency"]').count(), 0);
    await page.getByRole('row', { name: /default \/webhook/ }).waitFor();
    assert.equal(await figure(page, 'total').textContent(), '0');
  },
  { allow: (line) => !line.includes('Failed to load resource') },
);

scene(
  'on a phone nothing goes sideways, and everything is there',
  async ({ page }) => {
    const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth);
    await open(page);
    await page.locator('.part.sources table').waitFor();
    for (const width of [360, 390, 820]) {
      await page.setViewportSize({ width, height: 800 });
      await until(`nothing goes sideways at ${width}`, fits);
    }
    await page.setViewportSize({ width: 360, height: 800 });
    for (const part of ['timeline', 'outcomes']) await page.locator(`.${part} .twin summary`).click();
    // The tooltips of the first and the last bar stay in the page.
    await plot(page).focus();
    for (const key of ['Home', 'End']) {
      await page.keyboard.press(key);
      const box = await page.locator('.chart-tip').boundingBox();
      assert.ok(box.x >= 0 && box.x + box.width <= 360, JSON.stringify(box));
    }
    assert.ok(await fits());
    await accessible(page);
    await screenshot(page, 'overview-phone');
  },
  { messages: SAMPLE, ...UTC },
);
