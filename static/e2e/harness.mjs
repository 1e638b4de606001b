// Starts the server under test and a browser that reports everything a calm page would not do.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

/** The secret of the lines that the empty page shows, so that they work exactly as they stand there. */
export const SECRET = 'mysecret123';

const START_MS = 20_000;

function binary() {
  const path = process.env.COUNTERSIGN_BIN;
  assert.ok(path, 'Set COUNTERSIGN_BIN to the path of the server binary, e.g. ../target/debug/countersign');
  return path;
}

/** A server of its own. `settings`: environment variables beside the usual ones; `cwd`: a folder that outlives it. */
export async function startServer(settings = {}, cwd = undefined) {
  // A folder of its own: no .env and no database of somebody else.
  const folder = cwd ?? (await newFolder());
  const child = spawn(binary(), [], {
    cwd: folder,
    env: { PATH: process.env.PATH, WEBHOOK_SECRET: SECRET, BIND: '127.0.0.1:0', DATABASE_URL: 'memory:', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const log = [];
  child.stderr.on('data', (chunk) => log.push(String(chunk)));

  async function stop() {
    child.kill('SIGKILL');
    await exited;
    if (!cwd) await rm(folder, { recursive: true, force: true });
  }

  const address = await new Promise((resolve, reject) => {
    const fail = (why) => reject(new Error(`${why}\n${log.join('\n')}`));
    const timer = setTimeout(() => fail(`The server did not say "listening" within ${START_MS} ms`), START_MS);
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code) => fail(`The server exited with ${code}`));
    createInterface({ input: child.stdout }).on('line', (line) => {
      log.push(line);
      if (!line.startsWith('{')) return;
      const entry = JSON.parse(line);
      if (entry.message !== 'listening') return;
      clearTimeout(timer);
      resolve(entry.address);
    });
  });
  const origin = `http://${address}`;

  /** A webhook as it stands: `body` is text; without `signature`, the right one. Answers with the status. */
  async function post(body, { signature = sign(body), headers = {}, path = '/webhook' } = {}) {
    const answer = await fetch(origin + path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...(signature !== null && { 'X-Signature': signature }), ...headers },
      body,
    });
    return { status: answer.status, text: await answer.text(), requestId: answer.headers.get('x-request-id') };
  }

  async function send(message) {
    const body = JSON.stringify({ from: '+919876543210', to: '+14155550100', text: 'Hello', ...message });
    const { status, text } = await post(body);
    assert.equal(status, 200, text);
  }

  return { origin, address, post, send, stop, log };
}

export function newFolder() {
  return mkdtemp(join(tmpdir(), 'countersign-e2e-'));
}

/** What goes into `X-Signature`. */
export function sign(body, secret = SECRET) {
  return createHmac('sha256', secret).update(body).digest('hex');
}

export function launchBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    chromiumSandbox: process.getuid?.() !== 0,
    args: [
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** A page and the list of everything it did wrong: console errors, CSP violations, dialogs, requests elsewhere. */
export async function openPage(browser, server, path = '/ui/', options = {}) {
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1360, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const wrong = [];
  page.on('console', (entry) => ['error', 'warning'].includes(entry.type()) && wrong.push(`console: ${entry.text()}`));
  page.on('pageerror', (error) => wrong.push(`exception: ${error.message}`));
  page.on('dialog', (dialog) => {
    wrong.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== server.origin) wrong.push(`request: ${request.url()}`);
  });
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', (e) => console.error(`CSP ${e.violatedDirective} ${e.blockedURI}`));
  });
  await page.goto(server.origin + path);
  return { page, wrong, context };
}

export async function screenshot(page, name) {
  const dir = process.env.E2E_SCREENSHOTS;
  if (!dir) return;
  await mkdir(dir, { recursive: true });
  await page.screenshot({ animations: 'disabled', path: join(dir, `${name}.png`) });
}
