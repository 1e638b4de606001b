const MOST_LINES = 4;

/** The round lines of a scale that ends at `most`: at 1, 2 or 5 times a power of ten, never at a fraction of a message. */
export function scaleLines(most: number): number[] {
  for (let power = 1; ; power *= 10) {
    for (const digit of [1, 2, 5]) {
      const step = digit * power;
      const lines = Math.max(1, Math.floor(most / step));
      if (lines <= MOST_LINES) return Array.from({ length: lines }, (_, at) => (at + 1) * step);
    }
  }
}

/** 0.6 -> "0.60", 12.34 -> "12.3", 1234 -> "1,234": three digits say all there is to say about a latency. */
export function milliseconds(ms: number): string {
  const digits = ms < 10 ? 2 : ms < 100 ? 1 : 0;
  return ms.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
