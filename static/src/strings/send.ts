import type { KeyFault } from '../sign/sign.ts';
import type { Language } from '../sign/snippets.ts';

const bytes = (n: number) => (n === 1 ? '1 byte' : `${n.toLocaleString('en')} bytes`);

/** Every English word on the tab. */
export const send = {
  title: 'Send a test',
  intro: 'Write a message, sign it here in the browser, and see what this server says to it.',

  source: 'Source',
  scheme: 'Scheme',
  sourceOption: (name: string, scheme: string) => `${name} (${scheme})`,
  endpoint: 'Goes to',
  secret: 'Secret',
  secretHint: 'Stays in this field: it is neither sent nor kept, and gone when you leave the tab.',
  secretBase64: 'Base64, with or without whsec_ before it.',
  keysHint: 'The keys of this source:',
  show: 'Show the secret',
  hide: 'Hide the secret',
  showShort: 'Show',
  hideShort: 'Hide',
  copyEndpoint: 'Copy the address',
  message: 'Message',

  mode: 'How the body is written',
  form: 'Form',
  raw: 'By hand',
  fields: { message_id: 'Message id', from: 'From', to: 'To', ts: 'Sent (ts)', text: 'Text' },
  renew: 'New id',
  now: 'Now',
  body: 'Body',
  bodyHint: 'These bytes are signed and sent, whatever they are.',
  submit: 'Sign and send',
  sending: 'Sending…',
  needSecret: 'Type the secret first: without it there is nothing to sign with.',

  faults: {
    blank: 'The key, once the secret is typed.',
    notBase64: 'Not base64, which this scheme’s secrets are.',
    keyPair: 'Half of a key pair: this page signs with secrets only.',
  } satisfies Record<KeyFault, string>,

  wrong: {
    title: 'Send it wrong on purpose',
    hint: 'Each is a mistake that providers make. Most are refused, and the server says under “Refused” what it was.',
    ways: {
      right: { label: '', teaches: '' },
      secret: {
        label: 'With a wrong secret',
        teaches: 'Signed with a secret that nobody has: 401, and no word to the sender about why.',
      },
      newline: {
        label: 'With a newline more',
        teaches: 'A newline added after signing, as echo and editors do: 401, and the near miss is found.',
      },
      byte: { label: 'With one byte changed', teaches: 'Changed on its way: 401, for no other body fits the signature.' },
      unsigned: { label: 'Without signature', teaches: 'Anybody could have sent it: 401.' },
      again: {
        label: 'The same again',
        teaches: 'As a provider that got no answer: 200, and still stored once.',
      },
    },
    needsStored: 'First send one that is stored.',
    needsLetter: 'The body has no letter and no digit that could be changed.',
  },
  notes: {
    right: 'Signed and sent.',
    secret: 'Signed with a random secret in place of yours.',
    newline: 'A newline was added after signing.',
    byte: (at: number, was: string, is: string) => `After signing, byte ${at.toLocaleString('en')} was changed from “${was}” to “${is}”.`,
    unsigned: 'Sent without the signature’s headers.',
    again: 'The same message once more, signed anew.',
  },

  chain: {
    title: 'What is signed',
    key: 'Key',
    keyText: (n: number) => `${bytes(n)}: the secret’s text, as it is`,
    keyDecoded: (n: number) => `${bytes(n)}: what the secret’s base64 spells`,
    bytes: 'Signed bytes',
    length: bytes,
    lengths: (before: number, body: number) => `${bytes(before + body)}: ${before.toLocaleString('en')} before the body, ${body.toLocaleString('en')} of the body`,
    whitespace: 'Show blanks and line ends',
    empty: 'Nothing: the body is empty.',
    digest: 'Digest',
    digestHint: { hex: 'HMAC-SHA256 of these bytes with the key, in hexadecimal', base64: 'HMAC-SHA256 of these bytes with the key, in base64' },
    noDigest: 'It takes a key.',
    headers: 'Headers',
    timeHint: 'The time is that of your last change; it is taken anew when you send.',
    answer: 'Answer',
    waiting: 'Nothing sent yet.',
    copyBytes: 'Copy the signed bytes',
    copyDigest: 'Copy the digest',
    copyHeaders: 'Copy the headers',
  },

  answer: {
    took: (ms: string) => `after ${ms} ms`,
    none: 'No answer',
    says: 'It says:',
    stored: 'Stored',
    storedDetail: 'The signature is right, and the message is on disk.',
    known: 'Known already',
    knownDetail: 'The signature is right, and a message with this id was stored before: nothing is stored twice.',
    open: 'Open the message',
    why: 'See why it was refused',
    requestId: 'Request id',
    copyRequestId: 'Copy the request id',
    body: 'The answer as it came',
    announce: (status: string, title: string) => `Answer: ${status} ${title}`,
  },

  snippets: {
    title: 'The same from a program',
    hint: 'Each signs by itself, with the secret from the environment variable WEBHOOK_SECRET.',
    signed: 'This very request, already signed: it holds the signature, and not the secret.',
    unsigned: 'Type the secret to see the request signed.',
    tabs: { curl: 'curl', bash: 'bash', python: 'Python', node: 'Node', go: 'Go', php: 'PHP', rust: 'Rust' } satisfies Record<Language | 'curl', string>,
    run: 'Run it',
    copy: (language: string) => `Copy: ${language}`,
  },
};
