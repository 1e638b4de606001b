import { signal } from '@preact/signals';

/** Further down than this, somebody reads. */
const SCROLLED_PX = 240;
/** So long after the last touch of a row, nothing moves under the pointer. */
const STILL_MS = 2_500;

let touchedAt = -Infinity;

/** The reader is further down, or about to choose a row. */
export function isReading(): boolean {
  return scrollY > SCROLLED_PX || performance.now() - touchedAt < STILL_MS;
}

/** Counts up when a reader who was about to choose a row has not done so. */
export const stillness = signal(0);
let timer: ReturnType<typeof setTimeout> | undefined;

export function touch(): void {
  touchedAt = performance.now();
  clearTimeout(timer);
  timer = setTimeout(() => (stillness.value += 1), STILL_MS + 50);
}

export function letGo(): void {
  touchedAt = -Infinity;
  clearTimeout(timer);
}
