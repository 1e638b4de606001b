import { count } from './format/number.ts';

/** Every English word on the page. Functions where a number or a name goes in. */
const messages = (n: number) => (n === 1 ? '1 message' : `${count(n)} messages`);

export const strings = {
  name: 'countersign',
  tagline: 'the inbox for signed webhooks',
  skip: 'Skip to the messages',
  messages,

  link: {
    connecting: 'Connecting',
    live: 'Live',
    reconnecting: 'Reconnecting',
    problem: 'Problem',
    paused: 'Paused',
    locked: 'Signed out',
  },
  updated: (age: string) => `updated ${age} ago`,
  pause: 'Pause',
  resume: 'Resume',
  help: 'Keyboard shortcuts',
  theme: { label: 'Theme', system: 'System', light: 'Light', dark: 'Dark' },

  overview: {
    title: 'Overview',
    total: 'Messages',
    senders: 'Senders',
    first: 'First message',
    last: 'Latest message',
    none: 'none yet',
    top: 'Top senders',
    topHint: 'Messages per sender. Choose one to filter the list.',
    only: (from: string) => `Show only ${from}`,
    unit: (n: number) => (n === 1 ? 'message' : 'messages'),
  },

  filter: {
    title: 'Filter messages',
    q: 'Search text',
    qPlaceholder: 'Search message text',
    from: 'Sender',
    fromPlaceholder: 'Any sender',
    clear: 'Clear filters',
  },

  list: {
    title: 'Messages',
    to: 'to',
    noText: 'No text',
    emptyText: 'Empty text',
    of: (from: number, until: number, total: number) => `${count(from)}–${count(until)} of ${count(total)}`,
    matching: (n: number) => `${messages(n)} ${n === 1 ? 'matches' : 'match'}`,
    newer: 'Newer',
    older: 'Older',
    pages: 'Pages',
    arrived: (n: number) => (n > 0 ? `${n === 1 ? '1 new message' : `${count(n)} new messages`}: show` : 'List has changed: show'),
    pastEnd: 'There are no messages this far back.',
    toNewest: 'Go to the newest',
    loading: 'Loading messages…',
  },

  nothing: {
    title: 'Nothing matches',
    q: (q: string) => `No message text contains “${q}”.`,
    from: (from: string) => `No message came from ${from}.`,
    both: (q: string, from: string) => `No message from ${from} contains “${q}”.`,
    dropQ: 'Drop the search',
    dropFrom: 'Drop the sender',
    gives: (n: number) => (n === 0 ? 'still nothing' : messages(n)),
  },

  detail: {
    title: 'Message',
    back: 'Back to the list',
    close: 'Close',
    newer: 'Newer message',
    older: 'Older message',
    loading: 'Loading the message…',
    fields: {
      message_id: 'Message id',
      from_msisdn: 'From',
      to_msisdn: 'To',
      ts: 'Sent',
      created_at: 'Stored',
      text: 'Text',
    },
    onlySender: 'Only this sender',
    json: 'JSON',
    copyJson: 'Copy JSON',
    copyLink: 'Copy link',
    copyId: 'Copy id',
    copyText: 'Copy text',
  },

  conflicts: {
    notice: (n: number) =>
      n === 1
        ? 'A stored message was sent again with different content.'
        : `${count(n)} repeats of stored messages came with different content.`,
    noticeKept: 'What came first was kept.',
    review: 'Review',
    title: 'Conflicts',
    explain:
      'These ids were sent again, correctly signed, with other content. The first version was kept, and each version that was refused is listed here.',
    none: 'No conflicts.',
    loading: 'Loading conflicts…',
    more: (shown: number, total: number) => `The newest ${count(shown)} of ${count(total)}.`,
    ofMessage: 'Sent again with different content',
    ofMessageKept: 'What is shown above came first and was kept. The marked fields differ.',
    times: (n: number) => (n === 1 ? 'sent once' : `sent ${count(n)} times`),
    last: 'last',
    differs: 'differs',
    open: 'Compare with the kept message',
  },

  empty: {
    title: 'Listening for your first message',
    intro: 'Send one from a shell. This page turns into the list as soon as it arrives.',
    endpoint: 'Endpoint',
    steps: ['The secret this server was started with', 'The message', 'Sign it and send it'] as const,
    secretHint: 'Put your own in place of mysecret123.',
    copyAll: 'Copy all three lines',
    copyLine: (step: string) => `Copy: ${step}`,
    docs: 'API documentation',
  },

  copy: { copy: 'Copy', copied: 'Copied', failed: 'Press Ctrl+C', announced: 'Copied to the clipboard' },

  failure: {
    unreachable: 'The server does not answer',
    unreachableDetail: (origin: string) => `No connection to ${origin}. Is it running, and is this machine online?`,
    timeout: 'The server does not answer in time',
    timeoutDetail: (s: number) => `There was no answer within ${s} seconds.`,
    notJson: 'The answer is not JSON',
    notJsonDetail: 'Something between this page and the server answered in its place, perhaps a proxy or a login page.',
    dotId: 'This id cannot be looked up from a browser',
    dotIdDetail: 'Browsers take an id of one or two dots for a folder. Open it from the page of the list that shows it.',
    stillShown: 'What you see is the last known state.',
    tryNow: 'Try now',
    nextTry: (s: number) => (s > 0 ? `Next try in ${s} s.` : 'Trying…'),
    status: (status: number) => `HTTP ${status}`,
    notFound: 'No message has this id',
    notFoundDetail: 'It may be on another server, or the link may be incomplete.',
  },

  signIn: {
    title: 'Sign in to read messages',
    hint: 'This server shows messages to those who have its token: the READ_TOKEN that it was started with.',
    token: 'Token',
    submit: 'Sign in',
    signing: 'Signing in…',
    wrong: 'This is not the token.',
    signOut: 'Sign out',
    signedOut: 'Signed out',
  },

  shortcuts: {
    title: 'Keyboard shortcuts',
    keys: [
      ['/', 'Search'],
      ['j', 'Next message'],
      ['k', 'Previous message'],
      ['Enter', 'Open the message'],
      ['Esc', 'Close'],
      ['p', 'Pause or resume'],
      ['t', 'Change the theme'],
      ['?', 'This help'],
    ] as const,
    enabled: 'Single-key shortcuts are on',
    close: 'Close',
  },

  footer: { docs: 'API docs', metrics: 'Metrics', json: 'Messages as JSON' },
  announce: {
    total: (n: number, filtered: boolean) => (filtered ? `${messages(n)} found` : messages(n)),
  },
};
