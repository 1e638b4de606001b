import { signal } from '@preact/signals';
import { message, openKey } from './detail.ts';
import { list, togglePause } from './feed.ts';
import { touch } from './reading.ts';
import { closePanel, openPanel, openTab, panel, tab } from './route.ts';
import { keyOf, nameOf } from './rows.ts';
import { recall, remember } from './storage.ts';
import { nextTheme } from './theme.ts';
import type { MessageKey, Tab } from './view.ts';

/** Single-key shortcuts can be turned off: they get in the way of speech input (WCAG 2.1.4). */
export const shortcuts = signal(recall('shortcuts') !== 'off');
export const helpOpen = signal(false);

export function setShortcuts(on: boolean): void {
  shortcuts.value = on;
  remember('shortcuts', on ? null : 'off');
}

/** The row that a step up or down in the list leads to. */
export function neighbour(step: 1 | -1, from: MessageKey | null): MessageKey | null {
  const rows = list.peek()?.rows ?? [];
  const name = from && nameOf(from);
  const at = rows.findIndex((row) => nameOf(keyOf(row)) === name);
  // What is open may not be among the rows: then nobody knows what is next to it.
  if (from && at < 0) return null;
  const to = rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step];
  return to ? keyOf(to) : null;
}

/** Links of rows, whatever list is on the screen: each has `data-row`. */
const rowLinks = () => [...document.querySelectorAll<HTMLAnchorElement>('a[data-row]')];

export function rowLink(name: string | null): HTMLAnchorElement | undefined {
  return name === null ? undefined : rowLinks().find((a) => a.dataset['row'] === name);
}

function move(step: 1 | -1): void {
  touch();
  if (panel.peek().kind === 'message') {
    const open = message.peek() ? openKey.peek() : null;
    const next = neighbour(step, open);
    if (next) openPanel({ kind: 'message', key: next }, { replace: true });
    return;
  }
  const links = rowLinks();
  const open = panel.peek();
  // What is open has taken the focus to its heading.
  const at = links.findIndex((a) => (open.kind === 'refusal' ? a.dataset['row'] === open.requestId : a === document.activeElement));
  const next = links[at < 0 ? (step > 0 ? 0 : links.length - 1) : at + step];
  if (!next) return;
  next.focus();
  // On the tab of refusals, what is open follows the focus, as with messages.
  const requestId = next.dataset['row'];
  if (open.kind === 'refusal' && requestId) openPanel({ kind: 'refusal', requestId }, { replace: true });
}

function search(): void {
  if (tab.peek() !== 'messages') openTab('messages');
  const field = () => document.querySelector<HTMLInputElement>('#search');
  const now = field();
  if (now && now.offsetParent !== null) {
    // At once: what is typed next belongs into it.
    now.focus();
  } else {
    // On a phone the open message is a page of its own, and the search is behind it: it can be focused once it shows.
    closePanel();
    requestAnimationFrame(() => field()?.focus());
  }
}

const TAB_KEYS: Record<string, Tab> = { m: 'messages', r: 'refused', o: 'overview', s: 'send' };

/** The key `g` was pressed, and the next one names a tab. */
let going = 0;
const GO_MS = 1_500;

const actions: Record<string, () => void> = {
  '/': search,
  j: () => move(1),
  k: () => move(-1),
  c: () => document.querySelector<HTMLButtonElement>('[data-copy-curl]')?.click(),
  p: togglePause,
  t: nextTheme,
  g: () => (going = performance.now()),
  '?': () => (helpOpen.value = true),
};

export function startKeys(): void {
  addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    // The dialog has its own Escape, and nothing behind it should react. Asked of the page, as `helpOpen` follows late.
    if (document.querySelector('dialog[open]')) return;
    const { target } = event;
    const writing =
      target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
    if (event.key === 'Escape') {
      const popover = document.querySelector<HTMLDetailsElement>('details.menu[open]');
      if (popover) {
        popover.open = false;
        popover.querySelector('summary')?.focus();
      } else if (writing) target.blur();
      else closePanel();
      return;
    }
    if (!shortcuts.peek() || writing) return;
    const to = performance.now() - going < GO_MS ? TAB_KEYS[event.key] : undefined;
    going = 0;
    const action = to ? () => openTab(to) : Object.hasOwn(actions, event.key) ? actions[event.key] : undefined;
    if (!action) return;
    event.preventDefault();
    action();
  });
}
