import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { quote } from '../src/sign/quote.ts';
import { SCHEME_NAMES } from '../src/sign/scheme.ts';
import { crates, curlLines, LANGUAGES, runLine, signedCurl, snippet } from '../src/sign/snippets.ts';

const URL = 'http://127.0.0.1:8000/webhook';
/** Everything that one language or another takes for something else. */
const NASTY = [
  `it's "quoted" \`back\` \\ \\n \\' \\\\" $HOME $(id) \${x} {x} {{x}} %s %d #{x} "# "## !! @file ?> */ // é 😀 👩‍👩‍👧`,
  'two\nlines\r\n\tand a tab\u0001\u007f',
  '\u202eright to left\u202c \u2028 \ufeff \u{e0067}',
  "'",
  '\\',
  '`',
  '"',
  '"#',
  '$',
  '@/etc/passwd',
  '',
];

test('what a shell reads is what was meant', () => {
  for (const text of NASTY) {
    const read = execFileSync('bash', ['-c', `printf %s ${quote.bash(text)}`], { encoding: 'utf8' });
    assert.equal(read, text);
  }
});

test('what JavaScript and Python read is what was meant', () => {
  for (const text of NASTY) {
    assert.equal(new Function(`return ${quote.node(text)}`)(), text);
    const python = `import sys; sys.stdout.buffer.write(${quote.python(text)}.encode())`;
    assert.equal(execFileSync('python3', ['-c', python], { encoding: 'utf8' }), text);
  }
});

test('no literal ends before its end, and none holds what cannot be seen', () => {
  assert.equal(quote.go('a\n"b"'), '`a\n"b"`');
  assert.equal(quote.go('`$"\\'), '"`$\\"\\\\"');
  assert.equal(quote.go('\r\u202e\u{e0067}'), '"\\r\\u202e\\U000e0067"');
  assert.equal(quote.php(`it's \\ $x\n`), `'it\\'s \\\\ $x\n'`);
  assert.equal(quote.php('"$x\r\u202e'), '"\\"\\$x\\r\\u{202e}"');
  assert.equal(quote.rust('plain'), 'r"plain"');
  assert.equal(quote.rust('{"a":"b"}'), 'r#"{"a":"b"}"#');
  assert.equal(quote.rust('"# "## x'), 'r###""# "## x"###');
  assert.equal(quote.rust('"\\\r\u{202e}'), '"\\"\\\\\\r\\u{202e}"');
  // Half of a character is none, and no UTF-8 can hold it.
  for (const language of LANGUAGES) assert.ok(!/\p{Surrogate}/u.test(quote[language]('\ud83d')));
});

test('every snippet reads the secret from the environment, and says where it is posted to', () => {
  for (const language of LANGUAGES) {
    for (const scheme of SCHEME_NAMES) {
      const code = snippet(language, scheme, URL, '{"message_id":"m.1"}');
      assert.match(code, /WEBHOOK_SECRET/);
      assert.ok(code.includes(URL), code);
      assert.ok(code.endsWith('\n') && !code.includes('{sig}') && !code.includes('{ts}') && !code.includes('undefined'), code);
      // Only Standard Webhooks signs an id, and it has no dot.
      assert.equal(code.includes('m_1'), scheme === 'standard-webhooks');
      assert.ok(runLine(language, scheme).length > 0);
    }
  }
  assert.deepEqual(crates('generic'), ['hmac@0.13', 'sha2@0.11', 'ureq@3']);
  assert.ok(crates('shopify').includes('base64@0.22'));
});

test('the lines for a shell hold no comment, and those of the generic scheme are two', () => {
  for (const scheme of SCHEME_NAMES) {
    const lines = curlLines(URL, scheme, '{}');
    assert.ok(!lines.some((line) => /(^|\s)#/.test(line)), lines.join('\n'));
    assert.equal(lines[0], `BODY='{}'`);
  }
  assert.deepEqual(curlLines(URL, 'generic', '{}'), [
    `BODY='{}'`,
    `curl -X POST ${URL} -H "Content-Type: application/json" -H "X-Signature: $(printf %s "$BODY" | openssl dgst -sha256 -hmac "$WEBHOOK_SECRET" -r | cut -d' ' -f1)" --data-raw "$BODY"`,
  ]);
});

test('a request that is signed already is one command', () => {
  assert.equal(
    signedCurl(URL, [['X-Signature', 'ab']], `it's`),
    `curl -X POST ${URL} \\\n  -H 'Content-Type: application/json' \\\n  -H 'X-Signature: ab' \\\n  --data-raw 'it'\\''s'`,
  );
});
