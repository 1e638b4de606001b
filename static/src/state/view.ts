/**
 * What the page shows, as a pure function of its address and back. The filter lives in the query
 * (`/ui/?q=hello&from=%2B1415…&last=24h`), the place in the fragment (`#/m/<id>`, `#/refused`, …).
 */
export const TABS = ['messages', 'refused', 'overview', 'send'] as const;
export type Tab = (typeof TABS)[number];

/** What identifies a message: ids are one within their source. */
export interface MessageKey {
  source: string;
  id: string;
}

export const DEFAULT_SOURCE = 'default';

export type Panel =
  | { kind: 'none' }
  | { kind: 'message'; key: MessageKey }
  | { kind: 'conflicts' }
  | { kind: 'refusal'; requestId: string };

/** How far back, from now on: it moves with the clock, unlike `since`. */
export const RANGES = { '15m': 15, '1h': 60, '24h': 24 * 60, '7d': 7 * 24 * 60, '30d': 30 * 24 * 60 } as const;
export type Range = keyof typeof RANGES;

/** Which messages. An empty text asks for nothing. `last` and the pair of `since` and `until` exclude each other. */
export interface Filter {
  q: string;
  from: string;
  to: string;
  since: string;
  until: string;
  last: Range | '';
  source: string;
  key: string;
}

export const FILTER_NAMES = ['q', 'from', 'to', 'since', 'until', 'last', 'source', 'key'] as const;
export const NO_FILTER: Filter = { q: '', from: '', to: '', since: '', until: '', last: '', source: '', key: '' };

export interface View {
  filter: Filter;
  /** On the tab of refused requests: only those of this reason. */
  reason: string;
  /** On the overview: which stretch of time. */
  span: string;
  tab: Tab;
  panel: Panel;
}

export const NO_PANEL: Panel = { kind: 'none' };

// toWellFormed in spirit: a lone surrogate cannot be an id, and must not make encodeURIComponent throw.
const encode = (text: string) => encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\uFFFD'));

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A `%` that starts no escape: somebody typed it by hand.
    return text;
  }
}

/** Ids may hold anything, so they are escaped, and a slash is always one of ours. */
export function messageHash({ source, id }: MessageKey): string {
  return source === DEFAULT_SOURCE ? `#/m/${encode(id)}` : `#/m/${encode(source)}/${encode(id)}`;
}

export function refusalHash(requestId: string): string {
  return `#/refused/${encode(requestId)}`;
}

export function placeHash(tab: Tab, panel: Panel): string {
  switch (panel.kind) {
    case 'message':
      return messageHash(panel.key);
    case 'conflicts':
      return '#/conflicts';
    case 'refusal':
      return refusalHash(panel.requestId);
    case 'none':
      return tab === 'messages' ? '' : `#/${tab}`;
  }
}

function parsePlace(hash: string): Pick<View, 'tab' | 'panel'> {
  const [first = '', second = '', third] = hash.replace(/^#\/?/, '').split('/');
  if (first === 'm' && second) {
    const key = third === undefined ? { source: DEFAULT_SOURCE, id: decode(second) } : { source: decode(second), id: decode(third) };
    return { tab: 'messages', panel: key.id ? { kind: 'message', key } : NO_PANEL };
  }
  if (first === 'conflicts') return { tab: 'messages', panel: { kind: 'conflicts' } };
  if (first === 'refused' && second) return { tab: 'refused', panel: { kind: 'refusal', requestId: decode(second) } };
  return { tab: TABS.find((tab) => tab === first) ?? 'messages', panel: NO_PANEL };
}

/** An instant as the API takes it; what is none comes back empty. */
function instant(text: string): string {
  // A `+` of an offset that was typed by hand has become a blank.
  const at = Date.parse(text.trim().replace(/ (?=\d\d:\d\d$)/, '+'));
  return Number.isNaN(at) ? '' : new Date(at).toISOString();
}

export function parseView(search: string, hash: string): View {
  const params = new URLSearchParams(search);
  const get = (name: string) => params.get(name) ?? '';
  // A `+` typed by hand into the address is meant as a plus sign in front of a number, never as a blank.
  const number = (name: string) => get(name).replace(/^ (?=\d)/, '+').trim();
  const last = Object.hasOwn(RANGES, get('last')) ? (get('last') as Range) : '';
  return {
    filter: {
      q: get('q'),
      from: number('from'),
      to: number('to'),
      since: last ? '' : instant(get('since')),
      until: last ? '' : instant(get('until')),
      last,
      source: get('source'),
      key: get('key'),
    },
    reason: get('reason'),
    span: get('span'),
    ...parsePlace(hash),
  };
}

export function formatView({ filter, reason, span, tab, panel }: View): { search: string; hash: string } {
  const params = new URLSearchParams();
  for (const name of FILTER_NAMES) if (filter[name]) params.set(name, filter[name]);
  if (reason) params.set('reason', reason);
  if (span) params.set('span', span);
  const query = params.toString();
  return { search: query && `?${query}`, hash: placeHash(tab, panel) };
}

/** Two filters with the same key ask the server the same question. */
export function filterKey(filter: Filter): string {
  return JSON.stringify(FILTER_NAMES.map((name) => filter[name]));
}

export function isFiltered(filter: Filter): boolean {
  return FILTER_NAMES.some((name) => filter[name] !== '');
}
