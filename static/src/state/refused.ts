import { signal } from '@preact/signals';

/** How many requests were refused since somebody last looked at them. */
export const unseenRefusals = signal(0);

export function startRefused(): void {}
