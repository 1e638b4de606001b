/** localStorage that never throws: it is blocked in some privacy modes, and nothing here depends on it. */
export function remember(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`countersign.${key}`);
    else localStorage.setItem(`countersign.${key}`, value);
  } catch {
    // Forgotten on reload, no more.
  }
}

export function recall(key: string): string | null {
  try {
    return localStorage.getItem(`countersign.${key}`);
  } catch {
    return null;
  }
}
