const format = new Intl.NumberFormat('en');
const compactFormat = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

/** 1234567 -> "1,234,567" */
export function count(n: number): string {
  return format.format(n);
}

/** 1234567 -> "1.2M", where there is little room; below ten thousand exact. */
export function compact(n: number): string {
  return n < 10_000 ? count(n) : compactFormat.format(n);
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** 1536 -> "1.5 KiB" (IEC 80000-13) */
export function bytes(n: number): string {
  const step = n < 1024 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(n) / 10));
  const value = n / 1024 ** step;
  return `${step === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[step]}`;
}

/** A number as people write it, in the form in which numbers are stored (E.164); what cannot be one comes back as it is. */
export function asNumber(text: string): string {
  const bare = text.replace(/[\s()./-]|^\s*00(?=[1-9])/g, '');
  return /^\+?[1-9]\d{1,14}$/.test(bare) ? `+${bare.replace('+', '')}` : text.trim();
}
