import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deliveryId, fill, SCHEME_NAMES, schemeName, schemeOf, textOf, type SchemeName } from '../src/sign/scheme.ts';
import { encode, readKey, sign, strangersSecret, withOneByteChanged } from '../src/sign/sign.ts';
import { visible } from '../src/sign/visible.ts';

/** Published by the providers, or computed over what they publish. */
const VECTORS: { scheme: SchemeName; secret: string; id?: string; seconds?: number; body: string; header: string; value: string }[] = [
  {
    // adnanh/webhook, internal/hook/hook_test.go
    scheme: 'generic',
    secret: 'secret',
    body: '{"a": "z"}',
    header: 'X-Signature',
    value: 'f417af3a21bd70379b5796d5f013915e7029f62c580fb0f500f59a35a6f04c89',
  },
  {
    scheme: 'generic',
    secret: 'secret',
    body: '',
    header: 'X-Signature',
    value: 'f9e66e179b6747ae54108f82f8ade8b3c25d76fd30afde6c395822c530196169',
  },
  {
    scheme: 'generic',
    secret: 'mysecret123',
    body: '{"message_id":"msg_123","from":"+14155552671","to":"+14155552672","ts":"2025-12-07T10:30:00Z","text":"Hello"}',
    header: 'X-Signature',
    value: '87e383e3ca610caae2941005aae8fc7ba0f88a72e8c02057e54ee30d04e45ce9',
  },
  {
    // standard-webhooks, libraries/rust/src/lib.rs
    scheme: 'standard-webhooks',
    secret: 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD',
    id: 'msg_27UH4WbU6Z5A5EzD8u03UvzRbpk',
    seconds: 1649367553,
    body: '{"email":"test@example.com","username":"test_user"}',
    header: 'webhook-signature',
    value: 'v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=',
  },
  {
    // github/docs, validating-webhook-deliveries.md
    scheme: 'github',
    secret: "It's a Secret to Everybody",
    body: 'Hello, World!',
    header: 'X-Hub-Signature-256',
    value: 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
  },
  {
    // slackapi/python-slack-sdk
    scheme: 'slack',
    secret: '8f742231b10e8888abcd99yyyzzz85a5',
    seconds: 1531420618,
    body: 'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
    header: 'X-Slack-Signature',
    value: 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
  },
  {
    // stripe-python, DUMMY_WEBHOOK_PAYLOAD
    scheme: 'stripe',
    secret: 'whsec_test_secret',
    seconds: 1492774577,
    body: '{\n  "id": "evt_test_webhook",\n  "object": "event",\n  "data": { "object": { "id": "rdr_123", "object": "terminal.reader" } }\n}',
    header: 'Stripe-Signature',
    value: 't=1492774577,v1=d21d91b425674689e03346536b8fec6384a8721d43ebe269a1689a3ad22cba9c',
  },
  {
    scheme: 'shopify',
    secret: 'secret',
    body: '{"a": "z"}',
    header: 'X-Shopify-Hmac-SHA256',
    value: '9BevOiG9cDebV5bV8BORXnAp9ixYD7D1APWaNabwTIk=',
  },
];

function keyOf(scheme: SchemeName, secret: string): Uint8Array {
  const key = readKey(scheme, secret);
  assert.ok('bytes' in key, `${scheme}: ${JSON.stringify(key)}`);
  return key.bytes;
}

test('each scheme signs as its provider publishes it', () => {
  assert.deepEqual([...new Set(VECTORS.map(({ scheme }) => scheme))].sort(), [...SCHEME_NAMES].sort());
  for (const { scheme, secret, id = 'msg_1', seconds = 0, body, header, value } of VECTORS) {
    const { headers, digest } = sign(scheme, keyOf(scheme, secret), { id, seconds }, encode(body));
    const found = headers.find(({ name }) => name === header);
    assert.equal(found && textOf(found.parts), value, scheme);
    assert.ok(digest && value.endsWith(digest));
  }
});

test('what is signed before the body, and which headers say it', () => {
  const stamp = { id: 'msg_1', seconds: 1_700_000_000 };
  const said = (scheme: SchemeName) => {
    const { preamble, headers } = sign(scheme, null, stamp, encode('x'));
    return [textOf(preamble), ...headers.map(({ name, parts }) => `${name}: ${textOf(parts)}`)];
  };
  assert.deepEqual(said('generic'), ['', 'X-Signature: …']);
  assert.deepEqual(said('standard-webhooks'), [
    'msg_1.1700000000.',
    'webhook-id: msg_1',
    'webhook-timestamp: 1700000000',
    'webhook-signature: v1,…',
  ]);
  assert.deepEqual(said('stripe'), ['1700000000.', 'Stripe-Signature: t=1700000000,v1=…']);
  assert.deepEqual(said('slack'), ['v0:1700000000:', 'X-Slack-Request-Timestamp: 1700000000', 'X-Slack-Signature: v0=…']);
  assert.equal(sign('github', null, stamp, encode('x')).digest, null);
});

test('what is filled in is known for what it is, and never filled in again', () => {
  assert.deepEqual(fill('v0:{ts}:', { id: 'a', ts: '{sig}', sig: 'b' }), [
    { text: 'v0:', is: 'plain' },
    { text: '{sig}', is: 'ts' },
    { text: ':', is: 'plain' },
  ]);
});

test('secrets are read as the server reads them', () => {
  for (const scheme of SCHEME_NAMES) {
    for (const blank of ['', ' ', '\t\n', 'whsec_']) assert.deepEqual(readKey(scheme, blank), { fault: 'blank' }, scheme);
    for (const half of ['whpk_AAAA', 'whsk_AAAA']) assert.deepEqual(readKey(scheme, half), { fault: 'keyPair' }, scheme);
    if (scheme !== 'standard-webhooks') assert.deepEqual(keyOf(scheme, ' ü\n'), encode(' ü\n'), scheme);
  }
  // Stripe's look like the standard's, and are text.
  assert.deepEqual(keyOf('stripe', 'whsec_AP8='), encode('whsec_AP8='));
  for (const same of ['whsec_AP8=', 'whsec_AP8', 'AP8=', 'AP8']) assert.deepEqual(keyOf('standard-webhooks', same), new Uint8Array([0, 255]));
  for (const wrong of ['whsec_!', 'whsec_AP8=\n', ' AP8=', 'A_8=', 'A']) {
    assert.deepEqual(readKey('standard-webhooks', wrong), { fault: 'notBase64' }, JSON.stringify(wrong));
  }
});

test('a stranger’s secret is one, and another each time', () => {
  for (const scheme of SCHEME_NAMES) {
    assert.ok(keyOf(scheme, strangersSecret(scheme)).length >= 24);
    assert.notEqual(strangersSecret(scheme), strangersSecret(scheme));
  }
});

test('one byte changed is one byte, that can be seen', () => {
  const changed = (text: string) => {
    const result = withOneByteChanged(encode(text));
    return result && [new TextDecoder().decode(result.body), result.at, result.was, result.is];
  };
  assert.deepEqual(changed('{"text":"Hello"}'), ['{"text":"Hellp"}', 13, 'o', 'p']);
  assert.deepEqual(changed('z'), ['y', 0, 'z', 'y']);
  assert.deepEqual(changed('Z😀'), ['Y😀', 0, 'Z', 'Y']);
  assert.deepEqual(changed('9'), ['8', 0, '9', '8']);
  assert.equal(changed('{}'), null);
  assert.equal(changed(''), null);
});

test('the id of a delivery has nothing that would be read otherwise', () => {
  assert.equal(deliveryId('{"message_id":"a.b\\nc é-1"}'), 'a_b_c__-1');
  assert.equal(deliveryId('{"message_id":"😀"}'), '_');
  for (const none of ['', '{', 'null', '[]', '{"message_id":1}', '{"message_id":""}']) assert.equal(deliveryId(none), 'msg_1', none);
});

test('a scheme that is not known is taken for the plainest', () => {
  for (const name of SCHEME_NAMES) assert.equal(schemeName(name), name);
  for (const other of ['toString', 'Generic', '', null, undefined]) assert.equal(schemeName(other), 'generic');
  assert.ok(schemeOf('generic').headers.length === 1);
});

test('what is not seen has a sign, and the rest stays', () => {
  const shown = (text: string) => visible(text).map((piece) => (piece.unseen ? `[${piece.text}]` : piece.text)).join('');
  assert.equal(shown('a b\t\r\n'), 'a[·]b[→\t][␍][↵\n]');
  assert.equal(shown('\u00a0\u200b\u202e\ufeff\u0000'), '[‹U+00A0›][‹U+200B›][‹U+202E›][‹U+FEFF›][‹U+0000›]');
  assert.equal(shown('שלום😀'), 'שלום😀');
  assert.deepEqual(visible(''), []);
});
