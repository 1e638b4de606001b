import { signal } from '@preact/signals';

/** Nobody sees the page: it asks for nothing then, and holds no connection. */
export const hidden = signal(document.hidden);

document.addEventListener('visibilitychange', () => (hidden.value = document.hidden));
