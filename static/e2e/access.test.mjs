// Who may read, as a browser sees it; and that no page does what its policy forbids.
import assert from 'node:assert/strict';
import { screenshot } from './harness.mjs';
import { minutesAgo, scenes } from './scene.mjs';

const TOKEN = 'canary-token-of-the-browser-tests';

const scene = scenes();

const messages = [{ message_id: 'kept-1', ts: minutesAgo(3), text: 'Only for readers' }];
const settings = { READ_TOKEN: TOKEN };
/** The browser itself reports every answer that is an error. */
const allow = (line) => !/status of (401|403)/.test(line);

const field = (page) => page.getByLabel('Token');
const row = (page) => page.locator('a[data-message="kept-1"]');

scene(
  'a token is asked for, and then remembered as a session that scripts cannot see',
  async ({ page, server, context }) => {
    await page.getByRole('heading', { name: 'Sign in to read messages' }).waitFor();
    await page.locator('[data-link="locked"]').waitFor();
    assert.equal(await row(page).count(), 0);
    // The form is ready to be typed into, and says what is asked for.
    await page.waitForFunction(() => document.activeElement?.id === 'token');
    assert.equal(await field(page).getAttribute('type'), 'password');
    const described = await field(page).getAttribute('aria-describedby');
    assert.match(await page.locator(`#${described}`).textContent(), /READ_TOKEN/);
    await screenshot(page, 'signin-light');
    await page.emulateMedia({ colorScheme: 'dark' });
    await screenshot(page, 'signin-dark');
    await page.setViewportSize({ width: 320, height: 640 });
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth));
    await screenshot(page, 'signin-phone');
    await page.setViewportSize({ width: 1360, height: 900 });

    await page.keyboard.type('wrong');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('This is not the token.').waitFor();
    await page.waitForFunction(() => document.activeElement?.id === 'token');
    assert.equal(await field(page).getAttribute('aria-invalid'), 'true');
    assert.equal(await row(page).count(), 0);
    await screenshot(page, 'signin-wrong');

    // What was typed is selected: the next try replaces it.
    await page.keyboard.type(TOKEN);
    await page.keyboard.press('Enter');
    await row(page).waitFor();
    await page.locator('[data-link="live"]').waitFor();
    await screenshot(page, 'signed-in');
    await page.setViewportSize({ width: 320, height: 640 });
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth));
    await page.setViewportSize({ width: 1360, height: 900 });

    const [cookie] = await context.cookies();
    assert.deepEqual([cookie.name, cookie.httpOnly, cookie.sameSite], ['countersign_session', true, 'Strict']);
    const kept = await page.evaluate(() => JSON.stringify([document.cookie, { ...localStorage }, { ...sessionStorage }]));
    assert.ok(!kept.includes('canary') && !kept.includes('countersign_session'), kept);
    assert.ok(!page.url().includes('canary'));

    // What comes later is seen without a further question, and so it is after a reload.
    await server.send({ message_id: 'kept-2', ts: minutesAgo(0) });
    await page.locator('a[data-message="kept-2"]').waitFor();
    await page.reload();
    await row(page).waitFor();

    await page.getByRole('button', { name: 'Sign out' }).click();
    await field(page).waitFor();
    assert.equal(await row(page).count(), 0);
    assert.equal(await page.getByRole('button', { name: 'Sign out' }).count(), 0);
    assert.deepEqual(await context.cookies(), []);
    assert.ok(!server.log.join('\n').includes('canary'));
  },
  { messages, settings, allow },
);

scene(
  'a session that ends takes the messages off the screen, and signing in goes on where one was',
  async ({ page, context }) => {
    await field(page).fill(TOKEN);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await row(page).click();
    await page.locator('.panel [data-field="message_id"]').waitFor();
    await context.clearCookies();
    await field(page).waitFor();
    assert.equal(await page.getByText('Only for readers').count(), 0);
    await field(page).fill(TOKEN);
    await page.keyboard.press('Enter');
    await page.locator('.panel [data-field="message_id"]').waitFor();
    assert.match(page.url(), /#\/m\/kept-1$/);
  },
  { messages, settings, allow },
);

scene(
  'where reads are refused, the page says how to open them',
  async ({ page }) => {
    await page.getByText(/Set READ_TOKEN \(or READ_TOKEN_FILE\)/).waitFor();
    await page.getByText('HTTP 403').waitFor();
    await page.locator('[data-link="problem"]').waitFor();
    assert.equal(await page.getByText('Loading messages…').count(), 0);
    assert.equal(await page.locator('#search, #token').count(), 0);
    await screenshot(page, 'protected-light');
  },
  // As a proxy would that nobody has told the server of.
  { messages, allow, context: { extraHTTPHeaders: { 'X-Forwarded-For': '203.0.113.7' } } },
);

scene(
  'without a token there is nothing to sign out of',
  async ({ page }) => {
    await row(page).waitFor();
    await page.locator('[data-link="live"]').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Sign out' }).count(), 0);
  },
  { messages },
);

scene(
  'the API documentation keeps to its policy, and its requests work',
  async ({ page, wrong }) => {
    await page.getByText('/messages/{message_id}').first().waitFor();
    await page.locator('.opblock-summary', { hasText: 'readStats' }).or(page.locator('#operations-Messages-readStats')).first().click();
    await page.getByRole('button', { name: 'Try it out' }).click();
    await page.getByRole('button', { name: 'Execute' }).click();
    await page.locator('.live-responses-table').getByText('total_messages').first().waitFor();
    await screenshot(page, 'docs');
    const policy = await page.evaluate(async () => (await fetch('/docs')).headers.get('content-security-policy'));
    assert.ok(policy.includes("'sha256-") && !policy.includes('unsafe'), policy);
    assert.deepEqual(wrong, []);
    // That the policy is in force, and that a violation would have been noticed.
    const violated = await page.evaluate(
      () =>
        new Promise((resolve) => {
          addEventListener('securitypolicyviolation', (event) => resolve(event.violatedDirective));
          const script = document.createElement('script');
          script.textContent = 'document.title = "not allowed"';
          document.body.append(script);
        }),
    );
    assert.equal(violated, 'script-src-elem');
    assert.notEqual(await page.title(), 'not allowed');
  },
  { messages, path: '/docs', allow: (line) => !/script-src-elem|inline script/.test(line) },
);
