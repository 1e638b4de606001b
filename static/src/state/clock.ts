import { signal } from '@preact/signals';

/** The present, for "updated 3 s ago". Only small components read it, as each of them renders every second. */
export const second = signal(Date.now());
/** The same at the pace that "5 minutes ago" needs. */
export const tenSeconds = signal(Date.now());

export function startClock(): void {
  setInterval(() => {
    if (document.hidden) return;
    second.value = Date.now();
    if (second.value - tenSeconds.value >= 10_000) tenSeconds.value = second.value;
  }, 1000);
}
