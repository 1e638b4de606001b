import { Component } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { filterQuery } from '../api/client.ts';
import type { Message } from '../api/types.ts';
import {
  conflicts,
  dismissLate,
  filtered,
  held,
  late,
  list,
  loadingMore,
  loadMore,
  marked,
  MOST_ROWS,
  showHeld,
  stale,
} from '../state/feed.ts';
import { openKey } from '../state/detail.ts';
import { touch } from '../state/reading.ts';
import { filterBy } from '../state/route.ts';
import { compareRows, keyOf, nameOf } from '../state/rows.ts';
import { messageHash, type Filter } from '../state/view.ts';
import { strings } from '../strings/index.ts';
import { Icon } from '../ui/icon.tsx';
import { MessageText } from '../ui/text.tsx';
import { Time } from '../ui/time.tsx';
import { NothingMatches } from './nothing.tsx';

interface RowProps {
  message: Message;
  mark: string;
  open: boolean;
  isNew: boolean;
}

/** Messages never change, so a row is made once: a hundred new ones a second must not make two hundred old ones again. */
class Row extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps): boolean {
    const { message, mark, open, isNew } = this.props;
    return next.message !== message || next.mark !== mark || next.open !== open || next.isNew !== isNew;
  }

  override render({ message, mark, open, isNew }: RowProps) {
    const key = keyOf(message);
    return (
      <li class={isNew ? 'row new' : 'row'}>
        <span class="row-time">
          <Time iso={message.ts} />
        </span>
        <span class="row-who">
          <bdi class="number">{message.from_msisdn}</bdi>
          <span class="arrow">
            <Icon name="arrow" />
            <span class="offscreen">{strings.list.to}</span>
          </span>
          <bdi class="number">{message.to_msisdn}</bdi>
        </span>
        {/* The link covers the whole row by its ::after. */}
        <a
          class="row-id"
          href={location.pathname + location.search + messageHash(key)}
          data-row={nameOf(key)}
          data-message={message.message_id}
          aria-current={open ? 'true' : undefined}
        >
          <bdi>{message.message_id}</bdi>
          {message.source && (
            <span class="tag" title={strings.list.source(message.source)}>
              {message.source}
            </span>
          )}
        </a>
        <span class="row-text">
          <MessageText text={message.text} mark={mark} />
        </span>
      </li>
    );
  }
}

/** What came now, but was sent before all that is shown: otherwise nobody would see that it has come. */
function Late({ rows, open }: { rows: Message[]; open: string | null }) {
  if (late.value.length === 0) return null;
  // Whoever has gone down to it sees it there.
  const oldest = rows.at(-1);
  const apart = late.value.filter((message) => !oldest || compareRows(oldest, message) < 0);
  if (apart.length === 0) return null;
  return (
    <div class="late">
      <div class="late-head">
        <h3>{strings.list.late}</h3>
        <button type="button" class="button small" onClick={dismissLate}>
          {strings.list.dismiss}
        </button>
      </div>
      <ol class="rows">
        {apart.map((message) => {
          const name = nameOf(keyOf(message));
          return <Row key={name} message={message} mark="" open={name === open} isNew />;
        })}
      </ol>
    </div>
  );
}

/** The list anew, from its last row on, which is in it again: an address knows no less than a millisecond. */
function goOn(filter: Filter, last: Message): void {
  const now = Date.now();
  filterBy({ since: filterQuery(filter, now).since ?? '', until: new Date(Date.parse(last.ts) + 1).toISOString() });
  scrollTo({ top: 0, behavior: 'instant' });
}

function More() {
  const ref = useRef<HTMLDivElement>(null);
  const shown = list.value;
  const rows = shown?.rows.length ?? 0;
  useEffect(() => {
    const foot = ref.current;
    if (!foot) return;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && void loadMore(), { rootMargin: '400px' });
    observer.observe(foot);
    return () => observer.disconnect();
    // Made anew with each part, as the foot may still be in sight.
  }, [rows]);
  if (!shown || rows === 0) return null;
  const text = strings.list;
  const last = shown.rows.at(-1);
  return (
    <div class="more" ref={ref}>
      {shown.complete ? (
        <span class="muted">{text.end}</span>
      ) : rows >= MOST_ROWS && last ? (
        <>
          <span class="muted">{text.most(rows)}</span>
          <button type="button" class="button" onClick={() => goOn(shown.filter, last)}>
            {text.goOn}
          </button>
        </>
      ) : (
        <button type="button" class="button" onClick={() => void loadMore()} aria-disabled={loadingMore.value}>
          {loadingMore.value ? text.loadingMore : text.more}
        </button>
      )}
    </div>
  );
}

function Held() {
  const n = held.value.length;
  if (n === 0 || stale.value) return null;
  return (
    <button type="button" class="button primary pill" onClick={showHeld} aria-label={strings.list.showArrived(n)} data-held={n}>
      <Icon name="up" />
      {strings.list.arrived(n)}
    </button>
  );
}

function Conflicts() {
  const total = conflicts.value?.total ?? 0;
  if (total === 0) return null;
  return (
    <a class="button small warn" href={`${location.pathname}${location.search}#/conflicts`} data-conflicts={total}>
      <Icon name="warning" />
      {strings.list.conflicts(total)}
    </a>
  );
}

export function List() {
  const shown = list.value;
  const open = openKey.value && nameOf(openKey.value);
  if (!shown) return <p class="blank muted">{strings.list.loading}</p>;
  const { rows, total, filter } = shown;
  return (
    <section class="card list" id="messages" aria-labelledby="list-title" aria-busy={stale.value} tabIndex={-1}>
      <div class="list-head">
        <h2 id="list-title">{strings.list.title}</h2>
        <span class="muted" data-total={total}>
          {filtered.value ? strings.list.matching(total) : strings.messages(total)}
        </span>
        <Conflicts />
      </div>
      <Held />
      <Late rows={rows} open={open} />
      {rows.length > 0 ? (
        <ol class="rows" onPointerMove={touch} onPointerDown={touch} onFocusCapture={touch}>
          {rows.map((message) => {
            const name = nameOf(keyOf(message));
            return (
              <Row
                key={name}
                message={message}
                // Marks belong to the answer on the screen, not to the word being typed.
                mark={stale.value ? '' : filter.q}
                open={name === open}
                isNew={marked.value.has(message)}
              />
            );
          })}
        </ol>
      ) : (
        <NothingMatches />
      )}
      <More />
    </section>
  );
}
