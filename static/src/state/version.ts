import { effect, signal } from '@preact/signals';
import { api } from '../api/client.ts';
import { heardAt } from './feed.ts';

export const version = signal('');

/** Asked once, as soon as the server is known to answer. */
export function startVersion(): void {
  const stop = effect(() => {
    if (heardAt.value === null || version.peek()) return;
    queueMicrotask(() => stop());
    void api.version(new AbortController().signal).then((v) => (version.value = v ?? ''));
  });
}
