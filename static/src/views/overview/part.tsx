import type { Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { failure as feedFailure } from '../../state/feed.ts';
import type { Part as PartOf } from '../../state/overview.ts';
import { strings } from '../../strings/index.ts';
import { Icon } from '../../ui/icon.tsx';

interface Props<T> {
  /** The name of its place in the grid, and of its heading. */
  name: string;
  title: string;
  of: Signal<PartOf<T>>;
  /** Next to the heading. */
  tools?: ComponentChildren;
  children: (data: T) => ComponentChildren;
}

/** A part of the page, which loads and fails for itself; one that the server does not know is not there. */
export function Part<T>({ name, title, of, tools, children }: Props<T>) {
  const { data, failure, absent } = of.value;
  const text = strings.overview;
  if (absent) return null;
  return (
    <section class={`card part ${name}`} aria-labelledby={`part-${name}`} data-part={name}>
      <div class="part-head">
        <h2 id={`part-${name}`}>{title}</h2>
        {tools}
      </div>
      {/* Where nothing at all can be reached, the page says it once, at its top. */}
      {failure && !(feedFailure.value && data !== null) && (
        <p class="part-failure">
          <Icon name="warning" />
          <span>
            {text.failed(failure.title)}
            {data !== null && ` – ${text.stale}`}
            {failure.detail && <span class="muted"> {failure.detail}</span>}
          </span>
        </p>
      )}
      {data !== null ? children(data) : !failure && <p class="muted">{text.loading}</p>}
    </section>
  );
}
