// The tab "Refused": every refusal that can be provoked from outside says in words what happened and what to change.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { screenshot, sign } from './harness.mjs';
import { minutesAgo, scenes, until } from './scene.mjs';

const scene = scenes();

const PATH = '/ui/#/refused';
const XSS = '<img src=x onerror=alert(1)>';
const message = (patch = {}) =>
  JSON.stringify({ message_id: 'm1', from: '+14155550188', to: '+14155550100', ts: '2026-11-29T12:00:00Z', text: 'Hello', ...patch });

/** Posts what is to be refused; the id of the request. */
async function refuse(server, { body = message(), signature = sign(body), path = '/webhook', headers = {}, method = 'POST' } = {}) {
  const answer = await fetch(server.origin + path, {
    method,
    headers: { 'Content-Type': 'application/json', ...(signature && { 'X-Signature': signature }), ...headers },
    ...(method === 'POST' && { body }),
  });
  assert.ok(answer.status >= 400, `${answer.status}`);
  await answer.text();
  return answer.headers.get('x-request-id');
}

/** As no HTTP client would send it. */
function refuseRaw(server, text) {
  const { hostname, port } = new URL(server.origin);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(text));
    socket.once('data', (data) => {
      socket.destroy();
      resolve(/x-request-id: (\S+)/i.exec(String(data))?.[1]);
    });
    socket.once('error', reject);
  });
}

const row = (page, id) => page.locator(`a[data-row="${id}"]`);
const panel = (page) => page.locator('.panel');
const chip = (page, reason) => page.locator(`.refused-chip[data-reason="${reason}"]`);
const rows = (page) => page.locator('a[data-row]').evaluateAll((links) => links.map((a) => a.dataset.row));
const noSidewaysScroll = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth);

/** Loads the page anew, and waits until it knows what was refused before. */
async function reload(page) {
  const read = page.waitForResponse((answer) => /\/rejections\?/.test(answer.url()));
  await page.reload();
  await read;
}

/**
 * How each is provoked, and which words must be there: the title, and something to copy or to do.
 * @type {[reason: string, provoke: (server) => Promise<string>, title: string, mend: RegExp][]}
 */
const CASES = [
  ['missing_signature', (s) => refuse(s, { signature: null }), 'It came without a signature', /X-Signature: \$SIGNATURE/],
  ['malformed_signature', (s) => refuse(s, { signature: 'zz' }), 'The signature cannot be read', /openssl dgst -sha256/],
  [
    'several_signatures',
    (s) => refuseRaw(s, 'POST /webhook HTTP/1.1\r\nHost: localhost\r\nX-Signature: 00\r\nX-Signature: 11\r\nContent-Length: 2\r\n\r\n{}'),
    'The signature came more than once',
    /adds the second one/,
  ],
  ['signature_mismatch', (s) => refuse(s, { signature: sign(message(), 'wrong') }), 'The signature does not fit the body', /printf %s "\$WEBHOOK_SECRET" \| sha256sum/],
  ['unknown_source', (s) => refuse(s, { path: '/webhook/partner' }), 'There is no source of this name', /name = "partner"/],
  ['body_too_large', (s) => refuse(s, { body: message({ text: 'x'.repeat(3000) }) }), 'The body is too large', /MAX_BODY_BYTES=/],
  [
    'body_unreadable',
    (s) => refuseRaw(s, 'POST /webhook HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n'),
    'The request could not be read',
    /Transfer-Encoding/,
  ],
  ['invalid_host', (s) => refuseRaw(s, 'POST /webhook HTTP/1.1\r\nContent-Length: 0\r\n\r\n'), 'Its Host header is missing or wrong', /proxy_set_header Host \$host;/],
  ['uri_too_long', (s) => refuse(s, { path: `/webhook?${'x'.repeat(9_000)}` }), 'Its address is too long', /\/webhook$/m],
  ['unsupported_media_type', (s) => refuse(s, { headers: { 'Content-Type': 'text/plain' } }), 'It does not call itself JSON', /Content-Type: application\/json/],
  ['invalid_json', (s) => refuse(s, { body: '{"message_id": ' }), 'The body is not valid JSON', /jq \./],
  ['validation_error', (s) => refuse(s, { body: message({ from: '12', to: undefined }) }), 'Fields are missing or wrong', /#\/from.*#\/to/s],
  ['conflict', (s) => refuse(s, { body: message({ text: 'Something else' }) }), 'Another message has its id', /REFUSE_CONFLICTS/],
  ['method_not_allowed', (s) => refuse(s, { method: 'DELETE' }), 'It was not a POST', /Choose POST/],
  ['protected_read', (s) => refuse(s, { path: '/messages', method: 'GET', signature: null, headers: { 'X-Forwarded-For': '203.0.113.7' } }), 'Somebody from outside wanted to read', /READ_TOKEN.*ALLOWED_HOSTS.*TRUSTED_PROXIES/s],
  ['foreign_origin', (s) => refuse(s, { path: '/messages', method: 'GET', signature: null, headers: { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' } }), 'A page of another site wanted to read', /let its server ask/],
];

scene(
  'every reason says in words what happened, and what to change',
  async ({ page, server }) => {
    await page.getByRole('heading', { name: 'Nothing was refused' }).waitFor();
    const ids = {};
    for (const [reason, provoke] of CASES) ids[reason] = await provoke(server);
    // Without a reload.
    for (const [reason, , title, mend] of CASES) {
      await row(page, ids[reason]).click();
      await panel(page).getByRole('heading', { name: title }).waitFor();
      assert.match(page.url(), new RegExp(`#/refused/${ids[reason]}$`));
      assert.equal(await row(page, ids[reason]).getAttribute('aria-current'), 'true');
      const said = await panel(page).innerText();
      assert.match(said, mend, reason);
      assert.match(said, /What happened\n+.{30,}/, reason);
      assert.ok(said.includes(ids[reason]) && said.includes(reason), reason);
      assert.match(said, reason.endsWith('signature') || reason.startsWith('signature') || reason === 'several_signatures' ? /Only “invalid signature”, on purpose/ : /HTTP \d|same list/);
    }
    await screenshot(page, 'refused-light');
    await page.emulateMedia({ colorScheme: 'dark' });
    await screenshot(page, 'refused-dark');
  },
  { path: PATH, messages: [{ message_id: 'm1', ts: minutesAgo(5) }], settings: { MAX_BODY_BYTES: '2000', REFUSE_CONFLICTS: 'true' } },
);

scene(
  'a near miss is found a moment later, and stands above everything',
  async ({ page, server }) => {
    await page.getByRole('heading', { name: 'Nothing was refused' }).waitFor();
    const body = message();
    const id = await refuse(server, { body, signature: sign(`${body}\n`) });
    const near = 'It fits, but for a newline at the end of the body';
    await page.locator('.refusal-near', { hasText: near }).waitFor();
    await row(page, id).click();
    const miss = page.locator('[data-near-miss="trailing_newline"]');
    await miss.getByText(near).waitFor();
    assert.match(await miss.innerText(), /sign the very bytes that are sent[^]*printf %s "\$BODY" \| openssl/);
    const titles = await panel(page).locator('h3').allInnerTexts();
    assert.match(titles[0], /^Nearly right/);
    const sha = await page.locator('[data-field="digest"] .digest').textContent();
    assert.equal(sha, createHash('sha256').update(body).digest('hex'));
    assert.match(await page.locator('[data-field="digest"]').innerText(), /printf %s "\$BODY" \| sha256sum/);
    await page.locator('[data-field="request"]').getByRole('button', { name: 'Copy: Request id' }).click();
    await screenshot(page, 'refused-near-miss');
    assert.equal(await page.getByRole('link', { name: 'Try it on this page' }).getAttribute('href'), '#/send');
  },
  { path: PATH, messages: [{ message_id: 'm0', ts: minutesAgo(5) }] },
);

scene(
  'each has a permalink, and one that is not kept says so',
  async ({ page, server }) => {
    await page.getByRole('heading', { name: 'Nothing was refused' }).waitFor();
    const old = await refuse(server, { signature: null, headers: { 'X-Request-Id': 'a/b:c' } });
    assert.equal(old, 'a/b:c');
    // Further back than one answer of the list reaches.
    for (let i = 0; i < 120; i++) await refuse(server, { signature: 'zz' });
    await page.goto('about:blank');
    await page.goto(`${server.origin}/ui/#/refused/${encodeURIComponent(old)}`);
    await panel(page).getByRole('heading', { name: 'It came without a signature' }).waitFor();
    await page.goto('about:blank');
    await page.goto(`${server.origin}/ui/#/refused/nobody-knows`);
    await panel(page).getByRole('heading', { name: 'This request is not kept any more' }).waitFor();
    await panel(page).getByText('nobody-knows').waitFor();
    await page.keyboard.press('Escape');
    await panel(page).waitFor({ state: 'detached' });
    assert.match(page.url(), /#\/refused$/);
  },
  { path: PATH, allow: (line) => line !== 'request: about:blank' },
);

scene(
  'a provider that tries again is one row with a number, which can be opened',
  async ({ page, server }) => {
    await page.getByRole('heading', { name: 'Nothing was refused' }).waitFor();
    for (let i = 0; i < 38; i++) await refuse(server, { signature: null });
    await page.locator('[data-times="38"]').waitFor();
    assert.equal(await page.locator('.row').count(), 1);
    await page.locator('[data-times="38"]').click();
    assert.equal(await page.locator('.row').count(), 38);
    assert.equal(await page.locator('[data-times]').getAttribute('aria-expanded'), 'true');
    assert.equal(new Set(await rows(page)).size, 38);
    await page.locator('[data-times]').click();
    assert.equal(await page.locator('.row').count(), 1);
    // The row stays the same while more come, and what is open stays open.
    const [first] = await rows(page);
    await row(page, first).click();
    await panel(page).waitFor();
    await refuse(server, { signature: null });
    await page.locator('[data-times="39"]').waitFor();
    assert.equal(await page.locator('.panel [data-field="request"] code').textContent(), first);
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => document.activeElement?.matches('a[data-row]'));
  },
  { path: PATH },
);

scene(
  'the badge counts what nobody has seen',
  async ({ page, server }) => {
    const unseen = page.locator('.tabs.top [data-unseen]');
    await reload(page);
    await page.locator('a[data-message]').waitFor();
    await refuse(server, { signature: null });
    await page.locator('.tabs.top [data-unseen="1"]').waitFor();
    await refuse(server, { signature: 'zz' });
    await page.locator('.tabs.top [data-unseen="2"]').waitFor();
    // A read that is refused is no webhook that does not get through.
    await refuse(server, { path: '/messages', method: 'GET', signature: null, headers: { 'X-Forwarded-For': '203.0.113.7' } });
    await page.keyboard.press('g');
    await page.keyboard.press('r');
    await page.locator('.row.refusal').nth(2).waitFor();
    assert.equal(await unseen.count(), 0);
    await refuse(server, { signature: null });
    await page.locator('.row.refusal').nth(3).waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('m');
    await page.locator('a[data-message]').waitFor();
    assert.equal(await unseen.count(), 0);
    // What was refused before the page was opened is no news.
    await reload(page);
    await page.locator('a[data-message]').waitFor();
    assert.equal(await unseen.count(), 0);
    await refuse(server, { signature: null });
    await page.locator('.tabs.top [data-unseen="1"]').waitFor();
  },
  { messages: [{ message_id: 'm1', ts: minutesAgo(5) }] },
);

scene('whose first attempts were refused before the page was opened is told of them', async ({ page, server }) => {
  await page.getByRole('heading', { name: 'Listening for your first message' }).waitFor();
  await refuse(server, { signature: null });
  await refuse(server, { signature: 'zz' });
  await page.reload();
  await page.locator('[data-refused-first]').getByText('2 requests have come and were refused.').waitFor();
  await page.locator('.tabs.top [data-unseen="2"]').waitFor();
  await page.getByRole('button', { name: 'See why' }).click();
  await page.locator('.row.refusal').nth(1).waitFor();
  assert.equal(await page.locator('[data-unseen]').count(), 0);
});

scene(
  'the chosen reason lives in the address: reloaded, stepped back, counted',
  async ({ page, server }) => {
    await page.getByRole('heading', { name: 'Nothing was refused' }).waitFor();
    const missing = await refuse(server, { signature: null });
    const malformed = await refuse(server, { signature: 'zz' });
    await row(page, malformed).waitFor();
    await chip(page, 'missing_signature').click();
    await row(page, malformed).waitFor({ state: 'detached' });
    assert.deepEqual(await rows(page), [missing]);
    assert.equal(new URL(page.url()).searchParams.get('reason'), 'missing_signature');
    assert.equal(await chip(page, 'missing_signature').getAttribute('aria-pressed'), 'true');
    assert.equal(await chip(page, '').getAttribute('aria-pressed'), 'false');
    await page.reload();
    await row(page, missing).waitFor();
    assert.deepEqual(await rows(page), [missing]);
    assert.match(await chip(page, '').innerText(), /2/);
    // What comes of another reason is counted, and not shown.
    await refuse(server, { signature: 'zz' });
    await page.waitForFunction(() => /2/.test(document.querySelector('[data-reason="malformed_signature"] .amount')?.textContent ?? ''));
    assert.deepEqual(await rows(page), [missing]);
    await row(page, missing).click();
    await panel(page).waitFor();
    assert.equal(new URL(page.url()).searchParams.get('reason'), 'missing_signature');
    await page.goBack();
    await panel(page).waitFor({ state: 'detached' });
    await page.goBack();
    await row(page, malformed).waitFor();
    assert.equal(await chip(page, '').getAttribute('aria-pressed'), 'true');
    await page.goto(`${server.origin}/ui/?reason=${encodeURIComponent(XSS)}#/refused`);
    await page.getByRole('heading', { name: 'Nothing of this kind is kept' }).waitFor();
    assert.equal(await page.locator('#app img').count(), 0);
  },
  { path: PATH },
);

scene(
  'what strangers wrote is text',
  async ({ page, server }) => {
    await page.getByRole('heading', { name: 'Nothing was refused' }).waitFor();
    const body = `{"message_id":"${XSS}","${XSS}":1,"${XSS}":2,"from":"${XSS}","to":5,"ts":"${XSS}"}`;
    const faulty = await refuse(server, { body });
    await refuse(server, { body: `{"a":1,"${XSS}":{"b":[` });
    const source = await refuse(server, { path: `/webhook/${encodeURIComponent(XSS)}` });
    const host = await refuseRaw(server, `POST /webhook HTTP/1.1\r\nHost: ${XSS}\r\nContent-Length: 0\r\n\r\n`);
    for (const id of [faulty, source, host]) {
      await row(page, id).click();
      await page.waitForFunction((id) => document.querySelector('.panel [data-field="request"] code')?.textContent === id, id);
    }
    // An older server, or one that was broken into, may say anything.
    await page.route('**/rejections?*', async (route) => {
      const answer = await route.fetch();
      const json = await answer.json();
      const [first] = json.data;
      json.data = [{ ...first, request_id: XSS, peer: XSS, path: XSS, source: XSS, reason: XSS, near_miss: XSS, mend: XSS, body_sha256: XSS, errors: [{ pointer: XSS, detail: XSS }] }];
      json.counts.push({ reason: XSS, count: 3 });
      await route.fulfill({ response: answer, json });
    });
    await page.reload();
    await row(page, XSS.replaceAll('"', '\\"')).click();
    await panel(page).locator('h2').getByText(XSS, { exact: true }).waitFor();
    assert.ok((await panel(page).innerText()).split(XSS).length > 6);
    assert.equal(await page.locator('#app :is(img, script)').count(), 0);
  },
  { path: PATH },
);

scene(
  'all of it works by keyboard',
  async ({ page, server }) => {
    await page.getByRole('heading', { name: 'Nothing was refused' }).waitFor();
    const ids = [];
    for (const signature of [null, 'zz', sign('other')]) ids.unshift(await refuse(server, { signature }));
    await row(page, ids[0]).waitFor();
    await page.waitForFunction(() => document.querySelectorAll('a[data-row]').length === 3);
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('data-row'));
    await page.keyboard.press('j');
    assert.equal(await focused(), ids[0]);
    await page.keyboard.press('j');
    assert.equal(await focused(), ids[1]);
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.activeElement?.id === 'panel-title');
    // What is open follows the steps, and each takes its place in the history of the one before.
    await page.keyboard.press('j');
    await page.waitForURL(new RegExp(`${ids[2]}$`));
    await page.keyboard.press('k');
    await page.keyboard.press('k');
    await page.waitForURL(new RegExp(`${ids[0]}$`));
    await page.keyboard.press('Escape');
    await panel(page).waitFor({ state: 'detached' });
    await page.waitForFunction((id) => document.activeElement?.getAttribute('data-row') === id, ids[0]);
    await chip(page, 'missing_signature').focus();
    await page.keyboard.press('Space');
    await row(page, ids[0]).waitFor({ state: 'detached' });
    assert.deepEqual(await rows(page), [ids[2]]);
  },
  { path: PATH },
);

scene(
  'on a phone, the open one is a page of its own, and nothing scrolls sideways',
  async ({ page, server }) => {
    await page.getByRole('heading', { name: 'Nothing was refused' }).waitFor();
    assert.ok(await noSidewaysScroll(page));
    const ids = [];
    for (const [reason, provoke] of CASES) if (reason !== 'conflict') ids.push(await provoke(server));
    await row(page, ids.at(-1)).waitFor();
    assert.ok(await noSidewaysScroll(page));
    await screenshot(page, 'refused-phone');
    for (const id of ids) {
      await row(page, id).click();
      await panel(page).waitFor();
      assert.ok(await noSidewaysScroll(page), id);
      assert.ok(!(await page.locator('.column-list').isVisible()));
      await page.getByRole('button', { name: 'Back to the list' }).click();
      await row(page, id).waitFor();
    }
    await page.emulateMedia({ colorScheme: 'dark' });
    await row(page, ids[3]).click();
    await screenshot(page, 'refused-phone-open');
  },
  { path: PATH, context: { viewport: { width: 360, height: 780 } }, settings: { MAX_BODY_BYTES: '2000' } },
);

scene(
  'a server without the stream is asked every five seconds',
  async ({ page, server }) => {
    await page.route('**/rejections/live', (route) => route.fulfill({ status: 404, json: { title: 'Not Found' } }));
    await page.reload();
    await page.getByRole('heading', { name: 'Nothing was refused' }).waitFor();
    const id = await refuse(server, { signature: null });
    await row(page, id).waitFor();
    await page.getByText('asked for every 5 s').waitFor();
  },
  { path: PATH, allow: (line) => !/status of 404/.test(line) },
);

scene(
  'many at once stay within bounds, and the page stays at hand',
  async ({ page, server }) => {
    await page.getByRole('heading', { name: 'Nothing was refused' }).waitFor();
    const send = async (n) => {
      for (let i = 0; i < n; i++) await refuse(server, { signature: i % 2 ? null : 'zz' });
    };
    await Promise.all(Array.from({ length: 8 }, () => send(150)));
    await page.waitForFunction(() => document.querySelector('.refused [data-total]')?.getAttribute('data-total') === '1200');
    assert.ok((await page.locator('.row').count()) <= 300);
    await page.getByRole('button', { name: 'Show more' }).waitFor();
  },
  { path: PATH },
);

scene(
  'a clock that is off is said in words',
  async ({ page, server }) => {
    await page.getByRole('heading', { name: 'Nothing was refused' }).waitFor();
    const body = message();
    const at = (seconds) => {
      const t = Math.floor(Date.now() / 1000) + seconds;
      return { 'Stripe-Signature': `t=${t},v1=${sign(`${t}.${body}`)}` };
    };
    const behind = await refuse(server, { body, signature: null, headers: at(-440) });
    const ahead = await refuse(server, { body, signature: null, headers: at(3 * 3600 + 60) });
    await row(page, behind).click();
    await panel(page).getByText('The provider’s clock is 7 min behind, the request waited for so long, or it is a replay.').waitFor();
    assert.match(await panel(page).innerText(), /SIGNATURE_TOLERANCE_SECONDS=/);
    await row(page, ahead).click();
    await panel(page).getByText('The provider’s clock is 3 h ahead, or this server’s is behind.').waitFor();
  },
  { path: PATH, settings: { SIGNATURE_SCHEME: 'stripe' } },
);

scene(
  'nothing of it stays on the screen when the session ends',
  async ({ page, server }) => {
    await page.getByLabel('Token').fill('canary-token');
    await page.keyboard.press('Enter');
    await page.locator('.refused .row, .refused-empty').first().waitFor();
    const id = await refuse(server, { path: '/messages', method: 'GET', signature: null });
    await row(page, id).click();
    await panel(page).getByRole('heading', { name: 'Somebody wanted to read without the token' }).waitFor();
    assert.match(await panel(page).innerText(), /Authorization: Bearer \$READ_TOKEN/);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Token').waitFor();
    // In the same moment, if not in the same frame.
    await until('nothing is left', async () => (await page.locator('.row, .panel, [data-unseen]').count()) === 0, 1_000);
  },
  { path: PATH, settings: { READ_TOKEN: 'canary-token' }, allow: (line) => !/status of 401/.test(line) },
);

scene(
  'nothing moves under the eyes of who reads further down',
  async ({ page, server }) => {
    await page.getByRole('heading', { name: 'Nothing was refused' }).waitFor();
    for (let i = 0; i < 40; i++) await refuse(server, { signature: i % 2 ? null : 'zz' });
    await page.waitForFunction(() => document.querySelectorAll('.row').length === 40);
    await page.mouse.wheel(0, 1200);
    await page.waitForFunction(() => scrollY > 300);
    const before = await rows(page);
    const id = await refuse(server, { signature: null });
    await page.locator('[data-held="1"]').waitFor();
    assert.deepEqual(await rows(page), before);
    await page.locator('[data-held]').click();
    await row(page, id).waitFor();
    assert.equal((await rows(page))[0], id);
    assert.equal(await page.evaluate(() => scrollY), 0);
  },
  { path: PATH },
);
