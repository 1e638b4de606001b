import { count } from '../format/number.ts';

const messages = (n: number) => (n === 1 ? '1 message' : `${count(n)} messages`);

/** Every English word on the tab. */
export const overview = {
  title: 'Overview',
  loading: 'Loading…',
  stale: 'What you see is the last known state.',
  failed: (title: string) => `This could not be loaded: ${title}`,
  messages,

  figures: {
    title: 'Figures',
    total: 'Messages',
    senders: 'Senders',
    last: 'Latest message',
    first: 'First message',
    refused: 'Refused since the start',
    none: 'none',
  },

  span: {
    label: 'Stretch of time',
    minutes: 'Minutes',
    '': 'Hours',
    days: 'Days',
    during: { minutes: 'the last hour, by minute', '': 'the last 48 hours, by hour', days: 'the last 30 days, by day' },
  },

  chart: {
    keys: 'Arrow keys go from bar to bar.',
    chooseKeys: 'Arrow keys go from bar to bar, with Shift they take in more of them, and Enter shows their messages.',
    table: 'Show as a table',
    time: 'Time',
    total: 'Total',
  },

  timeline: {
    title: 'Messages',
    hint: 'Drag over bars, or choose one, to see its messages.',
    chart: (during: string) => `Messages sent in ${during}`,
    sum: (n: number, during: string) => `${messages(n)} sent in ${during}`,
    count: 'Messages',
    show: (when: string, n: number) => `${when}: show ${messages(n)}`,
  },

  outcomes: {
    title: 'Outcomes',
    chart: (during: string) => `What became of the webhooks of ${during}`,
    hint: (during: string) => `What this process answered in ${during}`,
    since: ', since it started ',
    names: { created: 'Stored', duplicate: 'Duplicate', conflict: 'Conflict', refused: 'Refused' },
    see: { conflict: 'See the conflicts', refused: 'See why' },
    nothing: 'nothing',
  },

  latency: {
    title: 'Acknowledgement',
    hint: 'From the beginning of a webhook until its answer, which comes once the message is stored.',
    unit: 'ms',
    names: { p50_ms: 'Median', p95_ms: '95 of 100 within', p99_ms: '99 of 100 within' },
    of: (n: number, minutes: number) => `${n === 1 ? '1 webhook' : `${count(n)} webhooks`} in the last ${count(minutes)} minutes`,
    none: (minutes: number) => `No webhooks in the last ${count(minutes)} minutes.`,
  },

  storage: {
    title: 'Storage',
    durable: (what: string) => `${what}: every acknowledged message is on disk.`,
    lost: 'Messages are lost when this process ends',
    unknown: 'The storage does not say now what it is.',
    sizes: { database_bytes: 'Database', index_bytes: 'Index', wal_bytes: 'Write-ahead logs', free_bytes: 'Free on the disk' },
  },

  sources: {
    title: 'Sources and keys',
    name: 'Source',
    path: 'Path',
    scheme: 'Scheme',
    header: 'Signature in',
    keys: 'Keys',
    tolerance: (seconds: number) => `at most ${count(seconds)} s old`,
    none: 'no keys: nothing is accepted here',
    expired: 'expired',
    ended: 'ended',
    ends: 'ends',
  },

  server: {
    title: 'Server',
    ready: 'Ready for webhooks',
    notReady: 'Not ready for webhooks',
    checks: {
      server: 'Server',
      database: 'Database',
      schema: 'Schema',
      writer: 'Writing',
      disk: 'Disk space',
    } as Record<string, string>,
    states: { ok: 'in order', failed: 'failed', unknown: 'not known' },
    version: 'Version',
    uptime: 'Running for',
    started: 'Started',
  },
};
