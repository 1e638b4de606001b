const paths = {
  search: 'M11 4a7 7 0 1 0 0 14a7 7 0 0 0 0-14M20 20l-4-4',
  inbox: 'M4 13l3-8h10l3 8v6H4zM4 13h5l1.5 2.5h3L15 13h5',
  shield: 'M12 3l7.5 3v5.5c0 4.5-3 7.8-7.5 9.5c-4.500-1.700-7.500-5-7.500-9.500V6zM9.500 9.500l5 5M14.500 9.500l-5 5',
  chart: 'M4 20V4M4 20h16M8.500 16v-4M13 16V7.500M17.500 16v-6',
  send: 'M20.500 3.500L3.500 10l6.500 3l3 6.500zM10 13l4-4',
  clock: 'M12 4a8 8 0 1 0 0 16a8 8 0 0 0 0-16M12 8v4.500l3 1.500',
  chevron: 'M8 10l4 4l4-4',
  close: 'M6 6l12 12M18 6L6 18',
  copy: 'M9 9h10v11H9zM5 15V4h10',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  pause: 'M8.5 6v12M15.5 6v12',
  play: 'M8 5.5v13l10-6.5z',
  up: 'M6 14.5l6-6l6 6',
  down: 'M6 9.5l6 6l6-6',
  left: 'M14.5 6l-6 6l6 6',
  right: 'M9.5 6l6 6l-6 6',
  arrow: 'M4 12h15M14 7l5 5l-5 5',
  warning: 'M12 4L2.5 20h19zM12 10v4.5M12 17v.4',
  offline: 'M4 4l16 16M8.5 16.5a5 5 0 0 1 6.5-.4M5 12.5a10 10 0 0 1 5-2.7M14.5 9.9A10 10 0 0 1 19 12.5M12 20v.1',
  system: 'M4 5h16v11H4zM9 20h6',
  light: 'M12 8a4 4 0 1 0 0 8a4 4 0 0 0 0-8M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4',
  dark: 'M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z',
  leave: 'M13 4H5v16h8M10 12h10M16.5 8l4 4l-4 4',
  filter: 'M4 6h16M7 12h10M10 18h4',
} as const;

export type IconName = keyof typeof paths;

/** Always next to a word or inside a button with a label, hence hidden from assistive technology. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}

export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" />
      <path d="M8 17.2l4.6 4.6L24 10.4" class="mark-tick" />
      <path d="M8 26h16" class="mark-line" />
    </svg>
  );
}
