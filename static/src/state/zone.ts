import { signal } from '@preact/signals';
import { recall, remember } from './storage.ts';

export type Zone = 'local' | 'utc';

/** In which zone times are shown. What is copied is in UTC, always. */
export const zone = signal<Zone>(recall('zone') === 'utc' ? 'utc' : 'local');

export function toggleZone(): void {
  zone.value = zone.peek() === 'utc' ? 'local' : 'utc';
  remember('zone', zone.peek() === 'utc' ? 'utc' : null);
}
