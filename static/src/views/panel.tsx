import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { rowLink } from '../state/keys.ts';
import { closePanel, filterBy, panel } from '../state/route.ts';
import { nameOf } from '../state/rows.ts';
import type { Filter } from '../state/view.ts';
import { strings } from '../strings/index.ts';
import { Copy } from '../ui/copy.tsx';
import { Icon } from '../ui/icon.tsx';

interface Props {
  title: string;
  /** Changes when the panel shows something else, which moves the focus to its heading. */
  subject: string;
  tools?: ComponentChildren;
  children: ComponentChildren;
}

/** Beside the list on a wide screen, a page of its own on a narrow one (see layout.css). */
export function Panel({ title, subject, tools, children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), [subject]);
  return (
    <section class="card panel" aria-labelledby="panel-title">
      <div class="panel-head">
        <button type="button" class="button small narrow-only" onClick={closePanel}>
          <Icon name="left" />
          {strings.detail.back}
        </button>
        <h2 id="panel-title" ref={heading} tabIndex={-1}>
          {title}
        </h2>
        <div class="panel-tools">
          {tools}
          <button
            type="button"
            class="button small square wide-only"
            aria-label={strings.detail.close}
            title={strings.detail.close}
            onClick={closePanel}
          >
            <Icon name="close" />
          </button>
        </div>
      </div>
      {children}
    </section>
  );
}

/** To what is beside the open one in its list; `open` is missing where there is nothing. */
export function Step({ step, label, open }: { step: 1 | -1; label: string; open: (() => void) | null | undefined }) {
  return (
    <button type="button" class="button small square" aria-label={label} title={label} disabled={!open} onClick={() => open?.()}>
      <Icon name={step < 0 ? 'up' : 'down'} />
    </button>
  );
}

interface FieldProps {
  name: string;
  label: string;
  children: ComponentChildren;
  /** What is copied. */
  value?: string | undefined;
  /** What shows only messages that are alike. */
  narrow?: { label: string; by: Partial<Filter> } | undefined;
}

export function PanelField({ name, label, children, value, narrow }: FieldProps) {
  return (
    <div class="detail-field" data-field={name}>
      <dt>{label}</dt>
      <dd>
        <div class="detail-value">{children}</div>
        <div class="detail-tools">
          {narrow && (
            <button
              type="button"
              class="button bare"
              aria-label={narrow.label}
              title={narrow.label}
              onClick={() => filterBy(narrow.by)}
            >
              <Icon name="filter" />
            </button>
          )}
          {value !== undefined && <Copy text={value} label={strings.detail.copyField(label)} bare />}
        </div>
      </dd>
    </div>
  );
}

/** Back in the list, the reader stands where the panel was opened: same scroll position, same row. */
export function useReturnToList(): void {
  const open = panel.value;
  // What a row calls itself in `data-row`.
  const id = open.kind === 'message' ? nameOf(open.key) : open.kind === 'refusal' ? open.requestId : null;
  const before = useRef({ kind: open.kind, id, scroll: 0 });
  // The scroll position is lost once the panel is in the page, so it is noted while the list still is.
  useEffect(() => {
    const note = () => {
      if (panel.peek().kind === 'none') before.current.scroll = scrollY;
    };
    addEventListener('scroll', note, { passive: true });
    return () => removeEventListener('scroll', note);
  }, []);
  useEffect(() => {
    const narrow = !matchMedia('(min-width: 64rem)').matches;
    const last = before.current;
    if (open.kind === 'none' && last.kind !== 'none') {
      if (narrow) scrollTo({ top: last.scroll, behavior: 'instant' });
      rowLink(last.id)?.focus({ preventScroll: narrow });
    } else if (open.kind !== 'none' && last.kind === 'none' && narrow) {
      scrollTo({ top: 0, behavior: 'instant' });
    }
    before.current = { ...last, kind: open.kind, id: id ?? last.id };
  }, [open.kind, id]);
}
