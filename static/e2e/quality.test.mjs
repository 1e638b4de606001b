// What holds for the whole page: nothing that strangers write comes alive, everybody can use it.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import { readdir } from 'node:fs/promises';
import { test } from 'node:test';
import { screenshot, sign } from './harness.mjs';
import { ids, minutesAgo, SAMPLE, scenes, until } from './scene.mjs';

const scene = scenes();
const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The places, and what is there when what was asked for has come. */
const PLACES = {
  '': 'a[data-message="order-1042"]',
  '#/m/order-1042': '.detail-conflicts',
  '#/conflicts': '.conflict-list li',
  '#/refused': 'a[data-row] >> nth=1',
  '#/overview': '.timeline .chart[aria-busy="false"]',
  '#/send': '.send',
};
const WIDTHS = [360, 820, 1440];

async function violations(page) {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe);
  const found = async (options) => {
    const { violations } = await page.evaluate((options) => globalThis.axe.run(document, options), options);
    return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target} ${node.failureSummary}`));
  };
  // On a phone, a row that is half below the bar of tabs is a small target, until one scrolls: it is measured without the bar.
  const bar = (visibility) => page.evaluate((v) => (document.querySelector('.tabs.bottom').style.visibility = v), visibility);
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  const all = await found({ runOnly: tags, rules: { 'target-size': { enabled: false } } });
  await bar('hidden');
  const small = await found({ runOnly: { type: 'rule', values: ['target-size'] } });
  await bar('');
  return [...all, ...small];
}

for (const colorScheme of ['light', 'dark']) {
  scene(
    `axe finds nothing in the ${colorScheme} theme, at three widths, in every place`,
    async ({ page, server }) => {
      await server.send({ ...SAMPLE[1], text: 'Delivery tomorrow' });
      await server.post('{"message_id":"x"}', { signature: sign('{"message_id":"x"}\n') });
      await server.post('{"message_id":');
      const all = [];
      const look = async (where) => all.push(...(await violations(page)).map((line) => `${where}: ${line}`));
      for (const [place, there] of Object.entries(PLACES)) {
        await page.goto(`${server.origin}/ui/${place}`);
        await page.reload();
        await page.locator('[data-link="live"]').waitFor();
        await page.locator(there).first().waitFor();
        for (const width of WIDTHS) {
          await page.setViewportSize({ width, height: 900 });
          await page.waitForTimeout(150);
          await look(`${place || 'messages'} at ${width}`);
          await screenshot(page, `axe-${colorScheme}-${width}-${place.replace(/\W+/g, '-') || 'messages'}`);
        }
      }
      // An open refusal, the menu of times, the help, and a result without messages.
      await page.goto(`${server.origin}/ui/#/refused`);
      await page.locator('a[data-row]').first().click();
      await page.locator('.panel').waitFor();
      await look('a refusal');
      await page.goto(`${server.origin}/ui/?q=nowhere&last=24h`);
      await page.getByRole('heading', { name: 'Nothing matches' }).waitFor();
      await page.locator('.menu summary').click();
      await look('nothing matches');
      await page.keyboard.press('Escape');
      await page.keyboard.press('?');
      await page.getByRole('dialog').waitFor();
      await look('help');
      assert.deepEqual(all, []);
    },
    { messages: SAMPLE, context: { colorScheme, reducedMotion: 'reduce' } },
  );

  scene(
    `axe finds nothing in the ${colorScheme} theme before the first message, and at the sign-in`,
    async ({ page, server }) => {
      await page.getByRole('heading', { name: 'Sign in to read messages' }).waitFor();
      assert.deepEqual(await violations(page), [], 'sign-in');
      await page.getByLabel('Token').fill('canary-token-of-the-browser-tests');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Listening for your first message' }).waitFor();
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 900 });
        assert.deepEqual(await violations(page), [], `empty at ${width}`);
      }
      assert.ok(server);
    },
    {
      settings: { READ_TOKEN: 'canary-token-of-the-browser-tests' },
      allow: (line) => !/status of 401/.test(line),
      context: { colorScheme, reducedMotion: 'reduce' },
    },
  );
}

/** Each of them does something, somewhere, where text becomes markup, a URL, a style or code. */
const ATTACKS = [
  '<img src=x onerror=alert(1)>',
  '<script>alert(1)</script>',
  '"><svg onload=alert(1)>',
  "'-alert(1)-'",
  'javascript:alert(1)',
  '{{constructor.constructor("alert(1)")()}}',
  '${alert(1)}',
  '</title><script>alert(1)</script>',
  '<a href="javascript:alert(1)">x</a>',
  '<iframe srcdoc="<script>parent.alert(1)</script>">',
  '<style>*{background:url(//evil.example/x)}</style>',
  '<base href="//evil.example/">',
  '<form action="//evil.example/"><button>x</button></form>',
  '\u202Egnp.exe<img src=//evil.example/x>',
  '<!--<img src="--><img src=x onerror=alert(1)//">',
  '<math><mtext></table><mglyph><style><img src=x onerror=alert(1)>',
  '&lt;img src=x onerror=alert(1)&gt;',
  '<object data="data:text/html,<script>alert(1)</script>">',
];

scene(
  'what strangers write stays text, in every field that is shown, also where it was refused',
  async ({ page, server }) => {
    await page.locator('[data-link="live"]').waitFor();
    const inert = async (where) => {
      const alive = await page.locator('#app :is(img, script, iframe, object, embed, base, form[action], svg[onload], style, link)').count();
      assert.equal(alive, 0, where);
      const links = await page.locator('#app a[href]').evaluateAll((all) => all.map((a) => a.protocol));
      assert.ok(links.every((protocol) => /^https?:$/.test(protocol)), where);
    };
    for (const [i, attack] of ATTACKS.entries()) {
      // In ids and texts, in a conflict, and, where no valid message can hold it, in what is refused.
      await server.send({ message_id: `${attack} ${i}`, text: attack, ts: minutesAgo(i) });
      await server.send({ message_id: `${attack} ${i}`, text: `${attack} again`, ts: minutesAgo(i) });
      const wrong = JSON.stringify({ message_id: attack, from: attack, to: attack, ts: attack, text: attack, [attack]: attack });
      await server.post(wrong);
      await server.post(wrong, { signature: attack.replace(/[^\x20-\x7e]/g, '') });
      await server.post(wrong, { headers: { 'X-Request-Id': attack.replace(/[^\x20-\x7e]/g, ''), 'User-Agent': attack.replace(/[^\x20-\x7e]/g, '') } });
      await server.post(wrong, { path: `/webhook/${encodeURIComponent(attack)}` });
      await server.post(wrong, { headers: { 'X-Forwarded-For': attack.replace(/[^\x20-\x7e]/g, '') } });
      await server.post(attack);
    }
    await page.locator(`[data-total="${ATTACKS.length}"]`).waitFor();
    await inert('the list');
    for (const i of [0, 2, 8, 13]) {
      await page.locator('a[data-message]').nth(i).click();
      await page.locator('.panel [data-field="content_sha256"]').waitFor();
      await page.locator('.detail-conflicts').waitFor();
      await inert(`message ${i}`);
    }
    await page.keyboard.press('Escape');
    await page.goto(`${server.origin}/ui/#/conflicts`);
    await page.locator('.conflict-list li').nth(5).waitFor();
    await inert('the conflicts');
    await page.goto(`${server.origin}/ui/#/refused`);
    await page.locator('a[data-row]').nth(3).waitFor();
    await inert('the refused');
    for (let i = 0; i < 4; i++) {
      await page.locator('a[data-row]').nth(i).click();
      await page.locator('.panel').waitFor();
      await inert(`refusal ${i}`);
    }
    for (const attack of ATTACKS) {
      const value = encodeURIComponent(attack);
      await page.goto(`${server.origin}/ui/?q=${value}&from=${value}&to=${value}&since=${value}&source=${value}&key=${value}&reason=${value}&span=${value}#/m/${value}`);
      await page.reload();
      await page.locator('.panel').waitFor();
      await inert(`the address ${attack}`);
    }
    await page.goto(`${server.origin}/ui/#/send`);
    await inert('the form');
  },
  { allow: (line) => !/status of (404|422)/.test(line) },
);

scene(
  'the keyboard alone is enough for every task',
  async ({ page, server }) => {
    await page.locator('a[data-message]').first().waitFor();
    const press = (keys) => keys.split(' ').reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());
    const focusOn = (id) => page.waitForFunction((row) => document.activeElement?.dataset.message === row, id);
    const newestFirst = (await ids(page)).slice();

    // The first stop leads past the head of the page.
    await press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.className), 'skip');
    await press('Enter');
    await page.waitForFunction(() => document.activeElement?.id === 'messages');

    // Reading.
    await press('j j j k');
    await focusOn(newestFirst[1]);
    await press('Enter');
    await page.waitForFunction(() => document.activeElement?.id === 'panel-title');
    await press('j');
    await page.waitForURL(/#\/m\/long-1$/);
    await press('Escape');
    await page.locator('.panel').waitFor({ state: 'detached' });
    await focusOn('long-1');

    // Searching, and taking it back.
    await press('/');
    await page.keyboard.type('parcel');
    await page.getByText('1 message matches').waitFor();
    await press('Escape');
    const chip = page.locator('[data-chip="q"]');
    await chip.focus();
    await press('Enter');
    await page.locator(`[data-total="${SAMPLE.length}"]`).waitFor();

    // A range of time.
    await page.locator('.menu summary').focus();
    await press('Enter');
    await page.getByRole('button', { name: 'Last hour', exact: true }).waitFor();
    await press('Tab Tab Tab Enter');
    await page.locator('[data-chip="when"]').getByText('last hour').waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.tagName), 'SUMMARY');
    await page.getByRole('button', { name: 'Clear all' }).focus();
    await press('Enter');

    // The other places and back, the help, pausing.
    await press('Escape');
    for (const [keys, hash] of [['g r', '#/refused'], ['g o', '#/overview'], ['g s', '#/send'], ['g m', '']]) {
      await page.evaluate(() => document.activeElement.blur());
      await press(keys);
      await page.waitForFunction((wanted) => location.hash === wanted, hash);
    }
    await press('?');
    await page.getByRole('dialog').waitFor();
    await screenshot(page, 'help-light');
    await press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await press('p');
    await page.locator('[data-link="paused"]').waitFor();
    await press('p');
    await page.locator('[data-link="live"]').waitFor();

    // Shortcuts can be turned off, and stay so.
    await press('?');
    await page.getByRole('checkbox').focus();
    await press('Space Escape');
    await page.reload();
    await page.locator('[data-link="live"]').waitFor();
    await press('p');
    await page.waitForTimeout(300);
    assert.equal(await page.locator('[data-link="paused"]').count(), 0);
    assert.ok(server);
  },
  { messages: SAMPLE },
);

scene(
  'nothing that takes the focus hides under the head of the page',
  async ({ page }) => {
    await page.locator('a[data-message]').first().waitFor();
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press('Tab');
      const hidden = await page.evaluate(() => {
        const element = document.activeElement;
        if (!element || element === document.body || element.closest('.header, .skip')) return null;
        const { top, bottom, left, width, height } = element.getBoundingClientRect();
        if (width === 0 || height === 0) return null;
        const head = document.querySelector('.header').getBoundingClientRect();
        return top < head.bottom && bottom <= head.bottom && head.top === 0 && left >= 0 ? element.outerHTML.slice(0, 200) : null;
      });
      assert.equal(hidden, null);
    }
    for (let i = 0; i < 40; i++) {
      await page.keyboard.press('Shift+Tab');
      await until('the focus is in sight', () =>
        page.evaluate(() => {
          const element = document.activeElement;
          if (!element || element === document.body || element.closest('.header, .skip')) return true;
          return element.getBoundingClientRect().bottom > document.querySelector('.header').getBoundingClientRect().bottom;
        }),
      );
    }
  },
  { messages: Array.from({ length: 40 }, (_, i) => ({ message_id: `f${i}`, ts: minutesAgo(i + 1) })) },
);

test('script and style keep to their budget', async () => {
  const folder = new URL('../dist/assets/', import.meta.url);
  const size = async (end) => {
    const files = (await readdir(folder)).filter((name) => name.endsWith(end));
    const sizes = await Promise.all(files.map(async (name) => gzipSync(await readFile(new URL(name, folder)), { level: 9 }).length));
    return sizes.reduce((a, b) => a + b, 0);
  };
  const [script, style] = [await size('.js'), await size('.css')];
  assert.ok(script <= 60 * 1024, `${script} bytes of script`);
  assert.ok(style <= 10 * 1024, `${style} bytes of style`);
});
