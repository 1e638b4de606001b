export const COMPARED = ['from_msisdn', 'to_msisdn', 'ts', 'text'] as const;
export type Compared = (typeof COMPARED)[number];
type Version = Record<Exclude<Compared, 'text'>, string> & { text?: string | null | undefined };

/** Which fields of a repeat are not those of the message that was kept. */
export function differences(kept: Version, repeat: Version): Compared[] {
  return COMPARED.filter((field) => (kept[field] ?? null) !== (repeat[field] ?? null));
}
