// "Send a test": signed in the browser with a secret that goes nowhere, and the same from programs.
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { screenshot, SECRET } from './harness.mjs';
import { noSidewaysScroll, scenes, until } from './scene.mjs';

const run = promisify(execFile);

/** One source for each scheme. The standard's secrets are base64; Stripe's only look like it. */
const SOURCES = [
  { name: 'default', scheme: 'generic', secret: SECRET },
  { name: 'partner', scheme: 'standard-webhooks', secret: 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD' },
  { name: 'code', scheme: 'github', secret: "It's a Secret to Everybody" },
  { name: 'pay', scheme: 'stripe', secret: 'whsec_canary_of_the_browser_tests' },
  { name: 'chat', scheme: 'slack', secret: '8f742231b10e8888abcd99yyyzzz85a5' },
  { name: 'shop', scheme: 'shopify', secret: 'canary of the browser tests: $HOME `id` "\\"' },
];

/** Everything that one language or another takes for something else. */
const NASTY = `it's "quoted" \`back\` \\ \\n \\' $HOME $(id) \${x} {x} %s %d #{x} "# "## !! ?> */ // é 😀 👩‍👩‍👧 \u202eleft\u202c\ttab\nline\r\nend`;

let folder;
before(async () => (folder = await mkdtemp(join(tmpdir(), 'countersign-send-'))));
after(() => rm(folder, { recursive: true, force: true }));

async function configured() {
  const file = join(folder, 'sources.toml');
  const entry = ({ name, scheme, secret }) =>
    `[[source]]\nname = "${name}"\nscheme = "${scheme}"\nsecrets = [{ label = "current", secret = ${JSON.stringify(secret)} }]\n`;
  await writeFile(file, SOURCES.slice(1).map(entry).join('\n'), { mode: 0o600 });
  return { CONFIG_FILE: file };
}

/** A refused request is an error to the browser's console, too. */
const isRefusal = (line) => /status of (401|422)/.test(line);

const inBrowser = scenes();

/** A scene with these sources, opened at the tab. */
const scene = (name, body, options = {}) =>
  inBrowser(
    name,
    async (shared) => {
      await shared.page.locator('.send').waitFor();
      await body(shared);
    },
    { settings: configured, path: '/ui/#/send', allow: (line) => !isRefusal(line), ...options },
  );

const secretField = (page) => page.getByLabel('Secret', { exact: true });
const idField = (page) => page.getByLabel('Message id');
const textOf = (page, selector) => page.locator(selector).textContent();

/** Presses one of the buttons and waits for what is said to it. */
async function send(page, way = 'right') {
  const before = await page.evaluate(() => document.querySelector('[data-request-id]')?.textContent ?? null);
  await page.locator(`[data-send="${way}"]`).click();
  await page.waitForFunction((old) => {
    const now = document.querySelector('[data-request-id]')?.textContent;
    return now && now !== old;
  }, before);
  const answer = page.locator('[data-answer]');
  assert.equal(await answer.getAttribute('data-answer'), way);
  return { status: Number(await answer.getAttribute('data-status')), text: await answer.textContent(), requestId: await textOf(page, '[data-request-id]') };
}

async function stored(server, id, source = 'default') {
  const answer = await fetch(`${server.origin}/messages/${encodeURIComponent(id)}?source=${source}`);
  return answer.status === 200 ? answer.json() : null;
}

async function choose(page, source) {
  await page.getByLabel('Source').selectOption(source.name);
  await secretField(page).fill(source.secret);
}

scene('a message that is signed here is stored, and appears in the list', async ({ page, server }) => {
  const digest = page.locator('[data-digest]');
  assert.equal(await digest.count(), 0);
  await screenshot(page, 'send-before');
  await secretField(page).fill(SECRET);
  await digest.waitFor();
  await page.getByLabel('Text', { exact: true }).fill('Sent by hand: “é😀”');
  const id = await idField(page).inputValue();
  const { status, text } = await send(page);
  assert.equal(status, 200);
  assert.match(text, /Stored/);
  assert.equal((await stored(server, id)).text, 'Sent by hand: “é😀”');
  await screenshot(page, 'send-light');
  await page.emulateMedia({ colorScheme: 'dark' });
  await screenshot(page, 'send-dark');
  for (const width of [820, 360]) {
    await page.setViewportSize({ width, height: 780 });
    await until('nothing scrolls sideways', () => noSidewaysScroll(page));
    await screenshot(page, `send-${width}`);
  }
  await page.setViewportSize({ width: 1360, height: 900 });

  await page.getByRole('link', { name: 'Open the message' }).click();
  await page.waitForURL(new RegExp(`#/m/${id}$`));
  await page.locator(`a[data-message="${id}"]`).waitFor();
  await page.locator('.panel').getByText('Sent by hand: “é😀”').first().waitFor();
});

scene('what is shown is what is signed, with each scheme', async ({ page, server }) => {
  for (const source of SOURCES) {
    await choose(page, source);
    await page.getByRole('button', { name: 'New id' }).click();
    const bytes = await textOf(page, '[data-signed-bytes]');
    const key = source.scheme === 'standard-webhooks' ? Buffer.from(source.secret.slice(6), 'base64') : source.secret;
    const encoding = ['standard-webhooks', 'shopify'].includes(source.scheme) ? 'base64' : 'hex';
    const digest = createHmac('sha256', key).update(bytes).digest(encoding);
    assert.equal(await textOf(page, '[data-digest]'), digest, source.scheme);
    assert.ok((await textOf(page, '[data-step="headers"]')).includes(digest));
    const length = Buffer.byteLength(bytes);
    assert.match(await textOf(page, '[data-step="bytes"] .hint'), new RegExp(`^${length} bytes`));
    // The command is the very request: it is sent, and known for what it is.
    const curl = await textOf(page, '[data-snippet="curl"]');
    assert.ok(curl.includes(digest) && !curl.includes(source.secret), curl);
    const { stdout } = await run('bash', ['-c', curl], { env: { PATH: process.env.PATH, no_proxy: '*' } });
    assert.deepEqual(JSON.parse(stdout), { status: 'ok' });
    const { status, text } = await send(page);
    assert.equal(status, 200, `${source.scheme}: ${text}`);
    assert.match(text, /Known already/);
    assert.ok(await stored(server, await idField(page).inputValue(), source.name));
  }
});

scene('blanks and ends of lines can be seen, and a body by hand is sent as it is', async ({ page, server }) => {
  await secretField(page).fill(SECRET);
  await page.getByText('By hand').click();
  const body = page.getByLabel('Body');
  const id = 'by-hand-1';
  await body.fill(`{ "message_id": "${id}",\n\t"from": "+14155552671", "to": "+14155552672", "ts": "2026-01-01T00:00:00Z" }\n`);
  const written = await body.inputValue();
  assert.equal(await textOf(page, '[data-signed-bytes]'), written);
  await page.getByLabel('Show blanks and line ends').check();
  const shown = await textOf(page, '[data-signed-bytes]');
  assert.ok(shown.startsWith(`{·"message_id":·"${id}",↵\n→\t"from"`) && shown.endsWith('·}↵\n'), shown);
  assert.equal((await send(page)).status, 200);
  assert.equal((await stored(server, id)).text, null);
  await page.getByRole('button', { name: 'New id' }).click();
  assert.match(await body.inputValue(), /"message_id": "test-[0-9a-f]{12}"/);

  // What is wrong with which field, in the server's words.
  await body.fill('{"message_id":"","from":"12"}');
  const refused = await send(page);
  assert.equal(refused.status, 422);
  for (const part of ['#/message_id', '#/from', '#/to', '#/ts']) assert.ok(refused.text.includes(part), refused.text);
  await body.fill('');
  assert.match(await textOf(page, '[data-step="bytes"]'), /the body is empty/);
  assert.equal((await send(page)).status, 422);
  // What the form can show of it comes back with the form.
  await body.fill('{"message_id":"back-1","text":"by hand","from":7}');
  await page.getByText('Form', { exact: true }).click();
  assert.equal(await idField(page).inputValue(), 'back-1');
  assert.equal(await page.getByLabel('Text', { exact: true }).inputValue(), 'by hand');
});

scene('each mistake is answered as its button says', async ({ page, server }) => {
  await secretField(page).fill(SECRET);
  const again = page.locator('[data-send="again"]');
  assert.ok(await again.isDisabled());
  const id = await idField(page).inputValue();
  const expected = {
    secret: ['signature_mismatch', null],
    newline: ['signature_mismatch', 'trailing_newline'],
    byte: ['signature_mismatch', null],
    unsigned: ['missing_signature', null],
  };
  for (const [way, [reason, nearMiss]] of Object.entries(expected)) {
    const { status, text, requestId } = await send(page, way);
    assert.equal(status, 401, text);
    assert.match(text, /invalid signature/);
    if (way === 'newline') await screenshot(page, 'send-refused');
    const why = page.getByRole('link', { name: 'See why it was refused' });
    assert.ok((await why.getAttribute('href')).endsWith(`#/refused/${requestId}`));
    // A refused signature is looked into behind its answer.
    const entry = await eventually(async () => {
      const { data } = await (await fetch(`${server.origin}/rejections?limit=20`)).json();
      const found = data.find((rejection) => rejection.request_id === requestId);
      return found && (nearMiss === null || found.near_miss) ? found : null;
    });
    assert.deepEqual([entry.reason, entry.near_miss ?? null], [reason, nearMiss], way);
  }
  assert.equal(await stored(server, id), null);
  assert.ok(await again.isDisabled());

  assert.equal((await send(page)).status, 200);
  const { created_at } = await stored(server, id);
  const repeated = await send(page, 'again');
  assert.equal(repeated.status, 200);
  assert.match(repeated.text, /Known already/);
  assert.equal((await stored(server, id)).created_at, created_at);
  const { total } = await (await fetch(`${server.origin}/messages`)).json();
  assert.equal(total, 1);
});

async function eventually(look) {
  const end = Date.now() + 10_000;
  for (;;) {
    const found = await look();
    if (found) return found;
    assert.ok(Date.now() < end, 'it never came');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

scene('the secret stays in its field', async ({ page, server }) => {
  const secrets = SOURCES.map(({ secret }) => secret);
  const forms = secrets.flatMap((secret) => [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    Buffer.from(secret).toString('base64'),
    Buffer.from(secret).toString('hex'),
    secret.replace(/^whsec_/, ''),
  ]);
  const sent = [];
  const note = (request) =>
    sent.push(
      request.allHeaders().then((headers) => [request.method(), request.url(), JSON.stringify(headers), request.postData() ?? '']),
    );
  page.on('request', note);
  for (const source of SOURCES) {
    await choose(page, source);
    await page.getByRole('button', { name: 'New id' }).click();
    for (const way of ['right', 'secret', 'newline', 'byte', 'unsigned', 'again']) await send(page, way);
    for (const tab of await page.locator('[role="tab"]').all()) await tab.click();
  }
  await page.getByRole('button', { name: 'Show the secret' }).click();
  await page.locator('.step-head, .code-head').first().waitFor();
  // Of what is asked for while the page is closed, there are no headers to be had.
  page.off('request', note);
  const seen = (await Promise.all(sent)).map((parts) => parts.join('\n'));
  assert.ok(seen.filter((request) => request.startsWith('POST')).length >= 6 * SOURCES.length);
  const kept = await page.evaluate(() =>
    JSON.stringify([location.href, document.cookie, { ...localStorage }, { ...sessionStorage }, history.state, document.documentElement.outerHTML, document.title]),
  );
  for (const secret of forms) {
    for (const place of [...seen, kept, server.log.join('\n')]) assert.ok(!place.includes(secret), place.slice(0, 200));
  }

  // Nothing keeps the browser or a password manager from filling it in, and nothing keeps what was filled in.
  const field = secretField(page);
  assert.deepEqual(
    await field.evaluate((input) => [input.autocomplete, input.name, input.getAttribute('value')]),
    ['off', '', null],
  );
  assert.equal(await field.getAttribute('type'), 'text');
  await page.getByRole('button', { name: 'Hide the secret' }).click();
  assert.equal(await field.getAttribute('type'), 'password');
  const id = await idField(page).inputValue();
  await page.getByRole('navigation', { name: 'Views' }).first().getByRole('link', { name: 'Messages' }).click();
  await page.locator('a[data-message]').first().waitFor();
  await page.goBack();
  await page.locator('.send').waitFor();
  assert.equal(await secretField(page).inputValue(), '');
  assert.equal(await page.locator('[data-digest]').count(), 0);
  // What was written is still there.
  assert.equal(await idField(page).inputValue(), id);
});

scene('the keyboard alone is enough', async ({ page, server }) => {
  const focused = (selector) => page.waitForFunction((wanted) => document.activeElement?.matches(wanted), selector);
  // Sending without a secret leads to its field, and says why.
  await idField(page).focus();
  await page.keyboard.press('Enter');
  await focused('#send-secret');
  await page.getByRole('alert').getByText('Type the secret first').waitFor();
  await page.keyboard.type(SECRET);
  assert.equal(await page.getByRole('alert').getByText('Type the secret first').count(), 0);
  const id = await idField(page).inputValue();
  await page.keyboard.press('Enter');
  await page.locator('[data-answer="right"][data-status="200"]').waitFor();
  assert.ok(await stored(server, id));

  await page.getByLabel('Text', { exact: true }).focus();
  await page.keyboard.press('Control+a');
  await page.keyboard.type('two\nlines');
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Shift+Tab');
  await focused('#send-ts');
  await page.getByRole('button', { name: 'New id' }).focus();
  await page.keyboard.press('Space');
  const second = await idField(page).inputValue();
  assert.notEqual(second, id);
  await page.getByLabel('Text', { exact: true }).focus();
  await page.keyboard.press('Control+Enter');
  await eventually(() => stored(server, second));
  assert.equal((await stored(server, second)).text, 'two\nlines');

  // The tabs are one stop, and the arrows go round.
  const tab = (language) => page.locator(`[data-language="${language}"]`);
  await tab('curl').focus();
  for (const [key, language] of [['ArrowLeft', 'rust'], ['ArrowRight', 'curl'], ['End', 'rust'], ['Home', 'curl'], ['ArrowRight', 'bash']]) {
    await page.keyboard.press(key);
    await focused(`[data-language="${language}"][aria-selected="true"]`);
    await page.locator(`[data-snippet="${language}"]`).waitFor();
  }
  assert.equal(await page.locator('[role="tab"][tabindex="0"]').count(), 1);
  await page.keyboard.press('Tab');
  await focused('.snippet-panel .button');
  await page.keyboard.press('Tab');
  await focused('[data-snippet="bash"]');
});

scene(
  'whoever has the secret may send, whoever may read',
  async ({ page, server }) => {
    // The sources are not said, so the scheme is chosen by hand.
    await page.getByLabel('Scheme').selectOption('github');
    assert.match(await textOf(page, '[data-step="headers"]'), /X-Hub-Signature-256/);
    await page.getByLabel('Scheme').selectOption('generic');
    await secretField(page).fill(SECRET);
    assert.equal((await send(page)).status, 200);
    const id = await idField(page).inputValue();
    const answer = await fetch(`${server.origin}/messages/${id}`, { headers: { Authorization: 'Bearer canary-token-of-the-browser-tests' } });
    assert.equal(answer.status, 200);
  },
  { settings: { READ_TOKEN: 'canary-token-of-the-browser-tests' } },
);

// --- The snippets, as they stand on the page

const FILES = { bash: 'send.sh', python: 'send.py', node: 'send.mjs', go: 'send.go', php: 'send.php' };
const COMMANDS = { bash: ['bash'], python: ['python3'], node: ['node'], go: ['go', 'run'], php: ['php'] };

const isThere = (command, ...args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;

async function snippetOf(page, language) {
  await page.locator(`[data-language="${language}"]`).click();
  return textOf(page, `[data-snippet="${language}"]`);
}

async function execute(language, code, secret) {
  const file = join(folder, FILES[language]);
  await writeFile(file, code);
  const [command, ...args] = COMMANDS[language];
  const { stdout, stderr } = await run(command, [...args, file], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, no_proxy: '*', NO_PROXY: '*', WEBHOOK_SECRET: secret },
  });
  assert.match(stdout, /\{"status":"ok"\}/, stderr);
}

async function nasty(page) {
  const body = JSON.stringify({ message_id: `nasty.${Math.random()}`, from: '+14155552671', to: '+14155552672', ts: '2026-01-01T00:00:00Z', text: NASTY }, null, 1);
  await page.getByText('By hand').click();
  await page.getByLabel('Body').fill(body);
  return JSON.parse(body).message_id;
}

for (const language of Object.keys(FILES)) {
  const missing = isThere(COMMANDS[language][0], language === 'go' ? 'version' : '--version') ? false : `${COMMANDS[language][0]} is not installed`;
  if (missing) test(`the ${language} snippets`, { skip: missing }, () => {});
  else
    scene(
      `the ${language} snippets send what they show, with each scheme`,
      async ({ page, server }) => {
        for (const source of SOURCES) {
          await choose(page, source);
          await page.getByText('Form', { exact: true }).click();
          await page.getByRole('button', { name: 'New id' }).click();
          const id = await idField(page).inputValue();
          const code = await snippetOf(page, language);
          assert.ok(!code.includes(source.secret));
          await execute(language, code, source.secret);
          assert.ok(await stored(server, id, source.name), `${language}, ${source.scheme}`);

          const nastyId = await nasty(page);
          await execute(language, await snippetOf(page, language), source.secret);
          assert.equal((await stored(server, nastyId, source.name)).text, NASTY, `${language}, ${source.scheme}`);
        }
        await page.getByRole('navigation', { name: 'Views' }).first().getByRole('link', { name: 'Messages' }).click();
        // One that was sent earlier than others may be shown twice: in its place, and as just arrived.
        await page.waitForFunction((n) => new Set([...document.querySelectorAll('a[data-row]')].map((a) => a.dataset.row)).size === n, 2 * SOURCES.length);
      },
      { timeout: 600_000 },
    );
}

/** All of them in one crate, so that what they depend on is built once. Without a registry, there is nothing to build. */
async function crate() {
  const dir = join(folder, 'rust');
  await mkdir(join(dir, 'src', 'bin'), { recursive: true });
  const dependencies = ['base64 = "0.22"', 'hmac = "0.13"', 'sha2 = "0.11"', 'ureq = { version = "3", default-features = false }'];
  await writeFile(join(dir, 'Cargo.toml'), `[package]\nname = "snippets"\nversion = "0.0.0"\nedition = "2024"\n[dependencies]\n${dependencies.join('\n')}\n[workspace]\n`);
  await writeFile(join(dir, 'src', 'lib.rs'), '');
  const fetched = isThere('cargo', '--version') && spawnSync('cargo', ['fetch', '--quiet'], { cwd: dir, stdio: 'ignore', timeout: 120_000 }).status === 0;
  return fetched ? dir : null;
}

scene(
  'the rust snippets send what they show, with each scheme',
  async ({ t, page, server }) => {
    const dir = await crate();
    if (!dir) return t.skip('cargo is not installed, or cannot fetch the crates');
    const runs = [];
    for (const source of SOURCES) {
      await choose(page, source);
      const id = await nasty(page);
      const bin = source.scheme.replace('-', '_');
      await writeFile(join(dir, 'src', 'bin', `${bin}.rs`), await snippetOf(page, 'rust'));
      runs.push({ bin, id, source });
    }
    await run('cargo', ['build', '--quiet'], { cwd: dir, env: { ...process.env, RUSTFLAGS: '-D warnings' }, timeout: 540_000 });
    for (const { bin, id, source } of runs) {
      const target = process.env.CARGO_TARGET_DIR ?? join(dir, 'target');
      const { stdout } = await run(join(target, 'debug', bin), [], { env: { WEBHOOK_SECRET: source.secret, no_proxy: '*' } });
      assert.match(stdout, /^200 OK \{"status":"ok"\}/, bin);
      assert.equal((await stored(server, id, source.name)).text, NASTY, bin);
    }
  },
  { timeout: 600_000 },
);
