/**
 * What the page shows, as a pure function of its address and back. Filters and page live in the query
 * (`/ui/?q=hello&from=%2B1415…&offset=50`), the open panel in the fragment (`#/m/<id>`, `#/conflicts`).
 */
export type Panel = { kind: 'none' } | { kind: 'message'; id: string } | { kind: 'conflicts' };

export interface View {
  q: string;
  from: string;
  offset: number;
  panel: Panel;
}

export const NO_PANEL: Panel = { kind: 'none' };
export const CONFLICTS_HASH = '#/conflicts';

export function messageHash(id: string): string {
  // toWellFormed in spirit: a lone surrogate cannot be an id, and must not make encodeURIComponent throw.
  return `#/m/${encodeURIComponent(id.replace(/\p{Surrogate}/gu, '\uFFFD'))}`;
}

export function parseView(search: string, hash: string): View {
  // A `+` typed by hand into the address is meant as a plus sign in front of a number, never as a blank.
  const params = new URLSearchParams(search);
  const from = (params.get('from') ?? '').replace(/^ (?=\d)/, '+').trim();
  const offset = params.get('offset') ?? '';
  return {
    q: params.get('q') ?? '',
    from,
    offset: /^\d{1,15}$/.test(offset) ? Number(offset) : 0,
    panel: parsePanel(hash),
  };
}

function parsePanel(hash: string): Panel {
  if (hash === CONFLICTS_HASH) return { kind: 'conflicts' };
  const id = hash.startsWith('#/m/') ? hash.slice(4) : '';
  if (!id) return NO_PANEL;
  try {
    return { kind: 'message', id: decodeURIComponent(id) };
  } catch {
    // A `%` that starts no escape: somebody typed the id by hand.
    return { kind: 'message', id };
  }
}

export function formatView(view: View): { search: string; hash: string } {
  const params = new URLSearchParams();
  if (view.q) params.set('q', view.q);
  if (view.from) params.set('from', view.from);
  if (view.offset) params.set('offset', String(view.offset));
  const query = params.toString();
  const { panel } = view;
  return {
    search: query && `?${query}`,
    hash: panel.kind === 'message' ? messageHash(panel.id) : panel.kind === 'conflicts' ? CONFLICTS_HASH : '',
  };
}

/** Two views with the same key ask the server the same question. */
export function listKey(view: Pick<View, 'q' | 'from' | 'offset'>): string {
  return JSON.stringify([view.q, view.from, view.offset]);
}
