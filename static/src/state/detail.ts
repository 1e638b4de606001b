import { batch, computed, effect, signal, untracked } from '@preact/signals';
import { api } from '../api/client.ts';
import type { Failure } from '../api/failure.ts';
import type { Message, MessageDetail } from '../api/types.ts';
import { strings } from '../strings/index.ts';
import { conflicts as allConflicts, failure as feedFailure, following, list, locked, refresh } from './feed.ts';
import { panel } from './route.ts';
import { keyOf, nameOf } from './rows.ts';
import type { MessageKey } from './view.ts';

export const openKey = computed(() => (panel.value.kind === 'message' ? panel.value.key : null));
/** As a word, so that nothing is loaded again when only the address around it has changed. */
const name = computed(() => (openKey.value ? nameOf(openKey.value) : null));

const loaded = signal<{ name: string; message: MessageDetail } | null>(null);
export const detailFailure = signal<Failure | null>(null);

const row = computed(() => list.value?.rows.find((message) => nameOf(keyOf(message)) === name.value) ?? null);

/** What the server says of the open message; until it has, `null`. */
export const detail = computed(() => (loaded.value?.name === name.value ? loaded.value.message : null));
/** The row in the list stands in until the full answer is there. */
export const message = computed<Message | null>(() => detail.value ?? row.value);

/**
 * Browsers resolve `/messages/.` and `/messages/..`, escaped or not, before they send them: such an id can be stored
 * but not asked for by path. What the list already holds is shown instead.
 */
function isDotSegment(id: string): boolean {
  return id === '.' || id === '..';
}

async function load(key: MessageKey, signal: AbortSignal): Promise<void> {
  if (isDotSegment(key.id)) {
    const text = strings.failure;
    detailFailure.value = row.peek() ? null : { status: 0, title: text.dotId, detail: text.dotIdDetail, fields: [] };
    return;
  }
  const answer = await api.message(key, signal);
  if (signal.aborted) return;
  // The feed learns of it, too, and shows the form.
  if (!answer.ok && answer.failure.status === 401) refresh();
  batch(() => {
    if (answer.ok) loaded.value = { name: nameOf(key), message: answer.data };
    detailFailure.value = answer.ok ? null : answer.failure;
  });
}

/** Whether the message came again is something that no stream tells. */
const AGAIN_MS = 5_000;

export function startDetail(): void {
  let current: AbortController | undefined;
  let before: string | null = null;

  function reload(): void {
    current?.abort();
    const key = openKey.peek();
    if (!key || locked.peek()) return;
    current = new AbortController();
    const mine = current;
    load(key, mine.signal).catch((error: unknown) => {
      if (!mine.signal.aborted) console.error(error);
    });
  }

  effect(() => {
    // Again when other content came under an id, when the connection is back, and (for dot ids) when the list is there.
    void [allConflicts.value?.total, feedFailure.value === null, row.value === null];
    const wanted = locked.value ? null : name.value;
    if (wanted !== before) detailFailure.value = null;
    before = wanted;
    // Nothing is kept of what a session that is over has shown.
    if (wanted === null) loaded.value = null;
    untracked(reload);
  });
  setInterval(() => {
    if (detail.peek() && !document.hidden && following.peek()) reload();
  }, AGAIN_MS);
}
