import { count } from '../format/number.ts';

/** What the words of a reason may refer to. */
export interface Context {
  /** Where webhooks for its source are posted. */
  url: string;
  origin: string;
  /** `null`: the source without a name. */
  source: string | null;
  requestId: string;
}

/** A sentence, or a sentence and what can be copied. */
export type Step = string | { text: string; code: string };

export interface Words {
  /** For a filter. */
  short: string;
  title: string;
  what: string;
  steps(context: Context): Step[];
}

const BODY_DIGEST = `printf %s "$BODY" | sha256sum`;
const SECRET_DIGEST = `printf %s "$WEBHOOK_SECRET" | sha256sum`;
const HEX = `printf %s "$BODY" | openssl dgst -sha256 -hmac "$WEBHOOK_SECRET" -r | cut -d' ' -f1`;

const post = (url: string) => `SIGNATURE=$(${HEX})
curl ${url} \\
  -H "Content-Type: application/json" \\
  -H "X-Signature: $SIGNATURE" \\
  --data-binary "$BODY"`;
const sign = ({ url }: Context): Step => ({
  text: 'What is signed must be byte for byte what is sent. In a shell, with the scheme generic:',
  code: post(url),
});
const verify = ({ source }: Context): Step => ({
  text: 'Save one request as it comes (body and headers), and ask countersign where it runs:',
  code: `countersign verify body.json --headers-file headers.txt${source === null ? '' : ` --source ${source}`}`,
});
const scheme = ({ source }: Context): Step => ({
  text: 'If the provider signs as GitHub, Stripe, Slack, Shopify or Standard Webhooks do, say so where countersign is configured:',
  code: source === null ? 'SIGNATURE_SCHEME=github' : `[[source]]\nname = "${source}"\nscheme = "github"`,
});
const again = 'Nothing of it was stored, and sending it again is safe.';
const example = `{"message_id":"m1","from":"+919876543210","to":"+14155550100","ts":"2025-12-07T10:30:00Z","text":"Hello"}`;

const REASONS = {
  missing_signature: {
    short: 'No signature',
    title: 'It came without a signature',
    what: 'There is no signature in the header of its scheme, so nobody vouches for the content.',
    steps: (c) => [
      'Turn on signing at the provider, with the secret that this source has. A proxy in between must pass the header on.',
      sign(c),
      scheme(c),
    ],
  },
  malformed_signature: {
    short: 'Unreadable signature',
    title: 'The signature cannot be read',
    what: 'The header is there, but what stands in it has not the form of a signature in this source’s scheme. In the scheme generic it is 64 hexadecimal digits.',
    steps: (c) => [{ text: 'Send an HMAC-SHA256 in hexadecimal, and nothing around it. This prints one:', code: HEX }, scheme(c)],
  },
  several_signatures: {
    short: 'Several signatures',
    title: 'The signature came more than once',
    what: 'A header that must be there once came twice. A proxy and the server behind it might check different ones, so none is taken.',
    steps: (c) => ['Find out who adds the second one, often a proxy.', sign(c)],
  },
  signature_mismatch: {
    short: 'Wrong signature',
    title: 'The signature does not fit the body',
    what: 'Either the two sides have different secrets, or the body was changed after it was signed.',
    steps: (c) => [
      { text: 'Compare the secrets without showing them. On both sides, this must print the same:', code: SECRET_DIGEST },
      { text: 'Compare the bodies. Where it is sent, this must print the SHA-256 that is shown below:', code: BODY_DIGEST },
      sign(c),
      verify(c),
    ],
  },
  stale_timestamp: {
    short: 'Wrong time',
    title: 'Its timestamp is too far off',
    what: 'The time is part of what is signed, and it is further from this server’s clock than is allowed.',
    steps: () => [
      { text: 'Compare the clocks. On both machines, this must print the same at once:', code: 'date -u +%s' },
      'A queue in front must sign anew for each attempt.',
      { text: 'If it has to take so long, allow more seconds (1 to 86400; 300 without it):', code: 'SIGNATURE_TOLERANCE_SECONDS=900' },
      'If both are right, it may be a replay, which is refused as it should be.',
    ],
  },
  unknown_source: {
    short: 'Unknown source',
    title: 'There is no source of this name',
    what: 'It was posted to the address of a source that is not configured here.',
    steps: ({ source, origin }) => [
      { text: 'Correct the address at the provider. Without a name it is:', code: `${origin}/webhook` },
      {
        text: 'Or configure the source, in the file that CONFIG_FILE names:',
        code: `[[source]]\nname = "${source ?? 'partner'}"\nscheme = "generic"\nsecrets = [{ label = "first", file = "${source ?? 'partner'}.secret" }]`,
      },
      { text: 'The file is read again, without a restart, at:', code: 'kill -HUP "$(pidof countersign)"' },
    ],
  },
  body_too_large: {
    short: 'Too large',
    title: 'The body is too large',
    what: 'It is longer than MAX_BODY_BYTES, so it was not read to its end.',
    steps: () => [
      'A message’s text has at most 4096 characters. See what else the provider sends.',
      { text: 'Or allow more bytes (65536 without it, at most 16777216) and restart:', code: 'MAX_BODY_BYTES=262144' },
    ],
  },
  body_timeout: {
    short: 'Too slow',
    title: 'The body did not come in time',
    what: 'The request began, and the rest of it never came.',
    steps: () => [
      'See whether its Content-Length is more than what is sent, or a proxy in between holds it back.',
      again,
    ],
  },
  body_unreadable: {
    short: 'Unreadable',
    title: 'The request could not be read',
    what: 'It broke off, or its headers leave open where its body ends.',
    steps: () => [
      'Let the HTTP library write Content-Length and Transfer-Encoding.',
      'If it broke off, look for a time limit in the client or a proxy.',
      again,
    ],
  },
  invalid_host: {
    short: 'Bad Host',
    title: 'Its Host header is missing or wrong',
    what: 'It has no Host, several, or one that cannot be a host’s name.',
    steps: () => [
      'Let the HTTP library write the header Host, from the address.',
      { text: 'A proxy in front passes it on as it came. With nginx:', code: 'proxy_set_header Host $host;' },
    ],
  },
  uri_too_long: {
    short: 'Address too long',
    title: 'Its address is too long',
    what: 'The path and the query together are longer than this server takes.',
    steps: ({ url }) => [{ text: 'What is sent belongs into the body. The address is just:', code: url }],
  },
  unsupported_media_type: {
    short: 'Wrong media type',
    title: 'It does not call itself JSON',
    what: 'Its Content-Type is something else than JSON, or its body is compressed (Content-Encoding).',
    steps: () => [
      { text: 'Choose JSON at the provider, and not a form. The header is:', code: 'Content-Type: application/json' },
      'Send the body as it is, without gzip.',
    ],
  },
  invalid_json: {
    short: 'Invalid JSON',
    title: 'The body is not valid JSON',
    what: 'The signature is right, but the body is not one JSON object.',
    steps: () => [{ text: 'Where it is sent, see where it breaks:', code: `printf %s "$BODY" | jq .` }, { text: 'A body that is taken:', code: example }],
  },
  validation_error: {
    short: 'Invalid fields',
    title: 'Fields are missing or wrong',
    what: 'The signature is right and the body is JSON, but no message in the form that is taken here.',
    steps: () => [{ text: 'Correct what is listed above. A body that is taken:', code: example }],
  },
  conflict: {
    short: 'Conflict',
    title: 'Another message has its id',
    what: 'A message with this id was stored before, with other content, and was kept. With REFUSE_CONFLICTS, the second is refused.',
    steps: () => [
      'Give each message an id of its own, and keep it when the same is sent again.',
      { text: 'To have such repeats answered with 200, and shown all the same:', code: 'REFUSE_CONFLICTS=false' },
    ],
  },
  rate_limited: {
    short: 'Rate limit',
    title: 'Too many came from one address',
    what: 'More came from it than RATE_LIMIT allows. Nothing of it was read.',
    steps: () => [
      { text: 'Allow what the provider sends at once when it catches up:', code: 'RATE_LIMIT=600/60' },
      { text: 'Behind a proxy, say which, or all that comes through it counts as one address:', code: 'TRUSTED_PROXIES=10.0.0.0/8' },
    ],
  },
  overload: {
    short: 'Overload',
    title: 'More came than can be taken at once',
    what: 'All places for requests that wait were taken, so this one was asked to come later.',
    steps: ({ origin }) => [
      'Providers send again by themselves.',
      { text: 'If it happens often, see what the server is busy with:', code: `curl ${origin}/metrics` },
      again,
    ],
  },
  unavailable: {
    short: 'Storage away',
    title: 'The storage could not take it',
    what: 'The database was away, locked or full, so nothing was stored.',
    steps: ({ origin }) => [
      { text: 'Ask the server what is wrong:', code: `curl ${origin}/health/ready` },
      'When the database is back, or there is room on the disk, it goes on by itself.',
      again,
    ],
  },
  error: {
    short: 'Server error',
    title: 'The server failed',
    what: 'This is not the provider’s fault. The log says why, under the request id.',
    steps: ({ requestId }) => [
      { text: 'Look it up in the log:', code: `grep -F '${requestId}' countersign.log` },
      'If it speaks of the disk, look at the disk before you restart.',
    ],
  },
  method_not_allowed: {
    short: 'Not a POST',
    title: 'It was not a POST',
    what: 'Webhooks are taken by POST only. Often somebody has opened the address in a browser.',
    steps: ({ url }) => [{ text: 'Choose POST at the provider. By hand:', code: post(url) }],
  },
  protected_read: {
    short: 'Protected read',
    title: 'Somebody from outside wanted to read',
    what: 'There is no READ_TOKEN, so messages are shown only to this machine and private networks, under a known name, and not through a proxy.',
    steps: () => [
      { text: 'To let people in from anywhere, set a token and restart. They sign in with it:', code: 'READ_TOKEN=$(openssl rand -hex 32)' },
      { text: 'On a private network, allow the name that they ask by:', code: 'ALLOWED_HOSTS=inbox.example' },
      { text: 'Behind a proxy of your own, name its address:', code: 'TRUSTED_PROXIES=127.0.0.1' },
      'If you do not know who it was, there is nothing to do.',
    ],
  },
  read_unauthorized: {
    short: 'No token',
    title: 'Somebody wanted to read without the token',
    what: 'The token was missing or wrong, or a session has ended.',
    steps: ({ origin }) => [
      { text: 'A program shows the token, the server’s READ_TOKEN, like this:', code: `curl -H "Authorization: Bearer $READ_TOKEN" ${origin}/messages` },
      'In the browser, sign in again.',
    ],
  },
  foreign_origin: {
    short: 'Foreign page',
    title: 'A page of another site wanted to read',
    what: 'A browser asked for a page that is not of this server. Only its own pages may, and programs.',
    steps: () => ['If it is your page, let its server ask, with the token, and not the browser of who looks at it.'],
  },
} satisfies Record<string, Words>;

export type Reason = keyof typeof REASONS;
export const REASON_NAMES = Object.keys(REASONS) as Reason[];

export function isReason(name: string): name is Reason {
  return Object.hasOwn(REASONS, name);
}

/** A server of a later version may have reasons that this page does not know. */
export function wordsOf(name: string): Words {
  return isReason(name) ? REASONS[name] : { short: name, title: name, what: '', steps: () => [] };
}

/** What the signature fits, instead of what came. */
const NEAR_MISSES: Record<string, string> = {
  trailing_newline: 'It fits, but for a newline at the end of the body',
  line_endings: 'It fits, but for the line ends, LF and CR LF',
  byte_order_mark: 'It fits, but for a byte order mark before the body',
  json_compact: 'It fits the same JSON without blanks',
  json_spaced: 'It fits the same JSON with a blank behind commas and colons',
  json_sorted: 'It fits the same JSON with its members sorted',
  json_indented: 'It fits the same JSON, indented',
  json_escapes: 'It fits the same JSON with other characters escaped',
  empty_body: 'It fits an empty body',
  expired_secret: 'It fits a secret that has expired',
  trimmed_secret: 'It fits, but for blanks or a newline around the secret',
  quoted_secret: 'It fits, but for quotation marks around the secret',
  hex_secret: 'It fits, but one side decodes the secret from hexadecimal',
  base64_secret: 'It fits, but one side decodes the secret from base64',
  prefixed_secret: 'It fits, but for whsec_ before the secret',
  digest_encoding: 'The digest is right, in another encoding',
  digest_case: 'The digest is right, in upper case',
  sha1: 'It is signed with SHA-1',
  sha512: 'It is signed with SHA-512',
  wrong_prefix: 'The digest is right, behind another prefix',
  timestamp_not_signed: 'It fits the body without the timestamp',
  timestamp_unit: 'The timestamp is not in whole seconds',
  other_source: 'It is signed for another source',
  other_scheme: 'It is signed as another scheme signs',
};

/** By which line it is tried at once, where there is one. */
const NEAR_CODE: Record<string, (context: Context) => string> = {
  trailing_newline: ({ url }) => post(url),
  line_endings: ({ url }) => post(url),
  empty_body: ({ url }) => post(url),
  trimmed_secret: () => 'printf %s "$WEBHOOK_SECRET" > webhook.secret',
  sha1: () => HEX,
  sha512: () => HEX,
};

const requests = (n: number) => (n === 1 ? '1 request' : `${count(n)} requests`);

/** Every English word on the tab. */
export const refused = {
  title: 'Refused',
  unseen: 'not seen yet',
  requests,
  loading: 'Loading what was refused…',
  reasons: 'Reasons',
  all: 'All',
  since: (time: string) => `since ${time}`,
  polling: 'asked for every 5 s',
  shown: (shown: number) => `The newest ${count(shown)} are shown.`,
  more: 'Show more',
  of: (times: number) => `× ${count(times)}`,
  unfold: (times: number) => `Show all ${count(times)} alike`,
  noneLike: 'Nothing of this kind is kept',
  noneLikeHint: 'Only the newest are kept, and only while the server runs. The log has them all.',
  arrived: (n: number) => `${count(n)} new`,
  showArrived: (n: number) => `${requests(n)} refused since: show`,
  announced: (n: number) => `${requests(n)} refused.`,

  empty: {
    title: 'Nothing was refused',
    body: 'Everything that came was taken. If a provider does not get through, its attempts appear here at once, each with the reason and what to change.',
    away: 'If nothing appears although something is sent, it does not reach this server: look at the address and what is in between.',
  },
  tryIt: 'Try it on this page',

  detail: {
    newer: 'Newer',
    older: 'Older',
    loading: 'Looking for it…',
    gone: 'This request is not kept any more',
    goneHint: 'Only the newest are kept, and only while the server runs. Its log has every one, under the request id:',
    near: 'Nearly right',
    what: 'What happened',
    nearWhat: 'The signature does not fit what came, but it fits what is said above. Nobody makes such a digest by chance, so that is the mistake.',
    faults: 'What is wrong',
    mend: 'How to mend it',
    mended: 'Nothing of it was stored: mend what is said above, and have it sent again.',
    facts: 'The request',
    answer: 'What the sender was told',
    whole: 'the whole body',
    answers: {
      signature: 'Only “invalid signature”, on purpose: what you read here would help a forger, too.',
      faults: 'The same list of faults.',
      other: (status: number) => `HTTP ${status}, and in a sentence what was wrong.`,
    },
    skew: (age: string, behind: boolean) =>
      behind
        ? `The provider’s clock is ${age} behind, the request waited for so long, or it is a replay.`
        : `The provider’s clock is ${age} ahead, or this server’s is behind.`,
    fields: {
      at: 'Refused',
      status: 'Answer',
      path: 'Sent to',
      source: 'Source',
      peer: 'From',
      size: 'Body',
      digest: 'Body SHA-256',
      request: 'Request id',
      skew: 'Clock',
    },
    unread: 'was not read to its end',
    bytes: (n: number) => (n === 1 ? '1 byte' : `${count(n)} bytes`),
    compare: 'To compare it with what was sent:',
    compareCode: BODY_DIGEST,
    requestHint: 'The log has it under this id.',
    copyLink: 'Copy link',
    copyStep: (n: number) => `Copy the lines of step ${n}`,
    copyNear: 'Copy the lines',
  },

  nearMiss: (cause: string) => NEAR_MISSES[cause] ?? cause,
  nearCode: (cause: string, context: Context) => NEAR_CODE[cause]?.(context),
  nearMissNames: Object.keys(NEAR_MISSES),
  verify,
};
