/** Quotes for POSIX shells, and only when it has to, so that the usual line stays readable. */
export function shellQuote(value: string): string {
  return /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}

/**
 * Literals of source text. Controls, and marks that are not seen or turn the text round, are escaped wherever the language
 * can: compilers refuse some of them, editors lose others, and nobody sees any.
 */
const UNSEEN = String.raw`\p{Cc}\p{Cf}\u2028\u2029`;
const NAMED: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

const wellFormed = (text: string) => text.replace(/\p{Surrogate}/gu, '\uFFFD');
const hex = (code: number, digits: number) => code.toString(16).padStart(digits, '0');

/** \u0000, and what a language has for those beyond. */
const short = (beyond: (code: number) => string) => (code: number) => (code > 0xffff ? beyond(code) : `\\u${hex(code, 4)}`);
const long = (code: number) => `\\U${hex(code, 8)}`;
const braced = (code: number) => `\\u{${hex(code, 1)}}`;

function quoted(text: string, mark: string, special: string, escape: (code: number) => string): string {
  const pattern = new RegExp(`[${special}${UNSEEN}]`, 'gu');
  const inner = text.replace(pattern, (char) => NAMED[char] ?? (special.includes(char) ? `\\${char}` : escape(char.codePointAt(0) ?? 0)));
  return mark + inner + mark;
}

const hasUnseen = (text: string) => new RegExp(`(?!\n)[${UNSEEN}]`, 'u').test(text);

export const quote = {
  /** Shells have no escapes that all of them know: whatever it is, it stands between the marks. */
  bash: (text: string) => shellQuote(wellFormed(text)),
  python: (text: string) => quoted(wellFormed(text), "'", "\\\\'", short(long)),
  node: (text: string) => quoted(wellFormed(text), "'", "\\\\'", short(braced)),
  go(text: string) {
    const whole = wellFormed(text);
    return whole.includes('`') || hasUnseen(whole) ? quoted(whole, '"', '\\\\"', short(long)) : `\`${whole}\``;
  },
  php(text: string) {
    const whole = wellFormed(text);
    return hasUnseen(whole) ? quoted(whole, '"', '\\\\"$', braced) : `'${whole.replace(/[\\']/g, '\\$&')}'`;
  },
  rust(text: string) {
    const whole = wellFormed(text);
    if (hasUnseen(whole)) return quoted(whole, '"', '\\\\"', braced);
    // As many as it takes that no `"#…` inside is the end.
    const most = Math.max(0, ...(whole.match(/"#*/g) ?? []).map((run) => run.length));
    const hashes = '#'.repeat(most);
    return `r${hashes}"${whole}"${hashes}`;
  },
};
