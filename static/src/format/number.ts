const format = new Intl.NumberFormat('en');

/** 1234567 -> "1,234,567" */
export function count(n: number): string {
  return format.format(n);
}
