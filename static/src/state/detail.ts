import { batch, computed, effect, signal } from '@preact/signals';
import { api } from '../api/client.ts';
import type { Failure } from '../api/failure.ts';
import type { Conflict, Message } from '../api/types.ts';
import { strings } from '../strings.ts';
import { conflicts as allConflicts, failure as feedFailure, locked, refresh, shown } from './feed.ts';
import { panel } from './route.ts';

const id = computed(() => (panel.value.kind === 'message' ? panel.value.id : null));

const loaded = signal<{ message: Message; conflicts: Conflict[] } | null>(null);
export const detailFailure = signal<Failure | null>(null);

const row = computed(() => shown.value?.page.data.find((message) => message.message_id === id.value) ?? null);
/** The row in the list stands in until the full answer is there. */
export const message = computed(() =>
  loaded.value?.message.message_id === id.value ? loaded.value.message : row.value,
);
export const messageConflicts = computed(() =>
  loaded.value?.message.message_id === id.value ? loaded.value.conflicts : [],
);

/**
 * Browsers resolve `/messages/.` and `/messages/..`, escaped or not, before they send them: such an id can be stored
 * but not asked for by path. What the list and the conflicts already hold is shown instead.
 */
function isDotSegment(value: string): boolean {
  return value === '.' || value === '..';
}

async function loadFromLists(wanted: string, signal: AbortSignal): Promise<void> {
  const known = await api.conflicts(100, signal);
  if (signal.aborted) return;
  const text = strings.failure;
  batch(() => {
    const message = row.peek();
    const repeats = known.ok ? known.data.data.filter((c) => c.message_id === wanted) : [];
    if (message) loaded.value = { message, conflicts: repeats };
    detailFailure.value = message ? null : { status: 0, title: text.dotId, detail: text.dotIdDetail, fields: [] };
  });
}

async function load(wanted: string, signal: AbortSignal): Promise<void> {
  if (isDotSegment(wanted)) return loadFromLists(wanted, signal);
  const answer = await api.message(wanted, signal);
  if (signal.aborted) return;
  // The feed learns of it, too, and shows the form.
  if (!answer.ok && answer.failure.status === 401) refresh();
  batch(() => {
    if (answer.ok) {
      const { conflicts, ...message } = answer.data;
      loaded.value = { message, conflicts };
    }
    detailFailure.value = answer.ok ? null : answer.failure;
  });
}

export function startDetail(): void {
  let current: AbortController | undefined;
  let lastId: string | null = null;
  effect(() => {
    // Nothing is kept of what a session that is over has shown.
    const wanted = locked.value ? null : id.value;
    // Load again when a repeat came in, when the connection is back, and (for dot ids) when the list is there.
    void [allConflicts.value?.total, feedFailure.value === null, wanted !== null && isDotSegment(wanted) && row.value];
    current?.abort();
    if (wanted !== lastId) detailFailure.value = null;
    lastId = wanted;
    if (wanted === null) {
      loaded.value = null;
      return;
    }
    const mine = new AbortController();
    current = mine;
    load(wanted, mine.signal).catch((error: unknown) => {
      if (!mine.signal.aborted) console.error(error);
    });
  });
}
