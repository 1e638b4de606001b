import { computed, signal } from '@preact/signals';
import { filterKey, formatView, NO_FILTER, NO_PANEL, parseView, type Filter, type Panel, type Tab, type View } from './view.ts';

function read(): View {
  return parseView(location.search, location.hash);
}

export const view = signal<View>(read());
export const panel = computed(() => view.value.panel);
export const tab = computed(() => view.value.tab);
let lastFilter = NO_FILTER;
/** Equal filters are one and the same object, so that nothing asks again when only the panel has changed. */
export const filter = computed<Filter>(() => {
  const next = view.value.filter;
  if (filterKey(next) !== filterKey(lastFilter)) lastFilter = next;
  return lastFilter;
});

/** Typing a word is one step back, not one for each letter. */
let typing = false;

function go(next: View, replace: boolean): void {
  const { search, hash } = formatView(next);
  const url = location.pathname + search + hash;
  if (url !== location.pathname + location.search + location.hash) {
    if (replace) history.replaceState(null, '', url);
    else history.pushState(null, '', url);
  }
  view.value = next;
}

export function navigate(patch: Partial<View>, options: { replace?: boolean } = {}): void {
  typing = false;
  go({ ...view.peek(), ...patch }, options.replace ?? false);
}

function withFilter(patch: Partial<Filter>): View {
  const before = view.peek();
  const filter = { ...before.filter, ...patch };
  // The two ways to say when exclude each other: the one that was said last counts.
  if (patch.last) Object.assign(filter, { since: '', until: '' });
  else if (patch.since || patch.until) filter.last = '';
  // A filter is for the list: where something else is shown, it leads there.
  return { ...before, filter, tab: 'messages', panel: before.tab === 'messages' ? before.panel : NO_PANEL };
}

export function filterBy(patch: Partial<Filter>): void {
  typing = false;
  go(withFilter(patch), false);
}

export function typeFilter(patch: Partial<Filter>): void {
  go(withFilter(patch), typing);
  typing = true;
}

export function endTyping(): void {
  typing = false;
}

export function clearFilter(): void {
  filterBy(NO_FILTER);
}

export function openTab(next: Tab): void {
  navigate({ tab: next, panel: NO_PANEL });
  scrollTo({ top: 0, behavior: 'instant' });
}

export function openPanel(next: Panel, options: { replace?: boolean } = {}): void {
  navigate({ panel: next, tab: next.kind === 'refusal' ? 'refused' : next.kind === 'none' ? view.peek().tab : 'messages' }, options);
}

export function closePanel(): void {
  if (panel.peek().kind !== 'none') openPanel(NO_PANEL);
}

export function startRouting(): void {
  // Links in the page are plain `#/…` anchors: the browser changes the address, this follows.
  addEventListener('popstate', () => {
    typing = false;
    view.value = read();
  });
}
