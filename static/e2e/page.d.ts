// What the functions that run in the page may count on; they find elements by selectors whose kind TypeScript cannot read.
interface Element {
  readonly dataset: DOMStringMap;
  readonly style: CSSStyleDeclaration;
  blur(): void;
}

interface Window {
  /** When each message was first in the list, in milliseconds. */
  seen: Record<string, number>;
  framesDrawn: number;
}
