import { signal } from '@preact/signals';
import { message } from './detail.ts';
import { shown, togglePause } from './feed.ts';
import { closePanel, openPanel, panel } from './route.ts';
import { recall, remember } from './storage.ts';
import { nextTheme } from './theme.ts';

/** Single-key shortcuts can be turned off: they get in the way of speech input (WCAG 2.1.4). */
export const shortcuts = signal(recall('shortcuts') !== 'off');
export const helpOpen = signal(false);

export function setShortcuts(on: boolean): void {
  shortcuts.value = on;
  remember('shortcuts', on ? null : 'off');
}

/** The id of the row that a step up or down in the list leads to. */
export function neighbour(step: 1 | -1, from: string | null): string | null {
  const rows = shown.peek()?.page.data ?? [];
  const at = rows.findIndex((row) => row.message_id === from);
  const to = at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step;
  return rows[to]?.message_id ?? null;
}

export function rowLink(id: string | null): HTMLAnchorElement | undefined {
  if (id === null) return undefined;
  return [...document.querySelectorAll<HTMLAnchorElement>('a[data-message]')].find((a) => a.dataset['message'] === id);
}

function move(step: 1 | -1): void {
  const open = panel.peek();
  if (open.kind === 'message') {
    const next = neighbour(step, message.peek()?.message_id ?? open.id);
    if (next !== null) openPanel({ kind: 'message', id: next }, { replace: true });
    return;
  }
  const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset['message'] : undefined;
  rowLink(neighbour(step, focused ?? null))?.focus();
}

const actions: Record<string, () => void> = {
  '/': () => {
    const field = document.querySelector<HTMLInputElement>('#search');
    if (field?.offsetParent === null) {
      // On a phone the open message is a page of its own, and the search is behind it: it can be focused once it shows.
      closePanel();
      requestAnimationFrame(() => field.focus());
    } else {
      // At once: what is typed next belongs into it.
      field?.focus();
    }
  },
  j: () => move(1),
  k: () => move(-1),
  p: togglePause,
  t: nextTheme,
  '?': () => (helpOpen.value = true),
};

export function startKeys(): void {
  addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    // The dialog has its own Escape, and nothing behind it should react. Asked of the page, as `helpOpen` follows late.
    if (document.querySelector('dialog[open]')) return;
    const { target } = event;
    const writing = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
    if (event.key === 'Escape') {
      if (writing) target.blur();
      else closePanel();
      return;
    }
    const action = shortcuts.peek() && !writing && Object.hasOwn(actions, event.key) ? actions[event.key] : undefined;
    if (!action) return;
    event.preventDefault();
    action();
  });
}
