import { computed, signal } from '@preact/signals';
import { formatView, listKey, NO_PANEL, parseView, type Panel, type View } from './view.ts';

function read(): View {
  return parseView(location.search, location.hash);
}

export const view = signal<View>(read());
export const panel = computed(() => view.value.panel);
export const key = computed(() => listKey(view.value));

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

/** A new filter always starts at the newest message. */
export function filterBy(patch: Partial<Pick<View, 'q' | 'from'>>): void {
  navigate({ ...patch, offset: 0 });
}

export function typeFilter(patch: Partial<Pick<View, 'q' | 'from'>>): void {
  go({ ...view.peek(), ...patch, offset: 0 }, typing);
  typing = true;
}

export function endTyping(): void {
  typing = false;
}

export function openPanel(next: Panel, options: { replace?: boolean } = {}): void {
  navigate({ panel: next }, options);
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
