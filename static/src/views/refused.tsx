import { useSignal } from '@preact/signals';
import { shortTime } from '../format/time.ts';
import { failure } from '../state/feed.ts';
import { touch } from '../state/reading.ts';
import { fold, MOST_KEPT, rowName, type Group } from '../state/refusals.ts';
import {
  countedSince,
  counts,
  heldRefusals,
  openId,
  polling,
  readAgain,
  reason,
  refusals,
  refusedFailure,
  showHeldRefusals,
} from '../state/refused.ts';
import { zone } from '../state/zone.ts';
import { strings } from '../strings/index.ts';
import { Icon } from '../ui/icon.tsx';
import { ProblemBox } from '../ui/problem.tsx';
import { Chips } from './refused/chips.tsx';
import { Refusal } from './refused/detail.tsx';
import { Row } from './refused/row.tsx';

const text = strings.refused;
/** More rows than these are put into the page when somebody asks for them. */
const ROWS_AT_ONCE = 100;

/** Nothing has been refused: good news, and what this page is for. */
function Empty() {
  return (
    <section class="card refused-empty" aria-labelledby="refused-title" id="refused" tabIndex={-1}>
      <h2 id="refused-title">
        <Icon name="check" />
        {text.empty.title}
      </h2>
      <p>{text.empty.body}</p>
      <p class="muted">{text.empty.away}</p>
      <TryIt />
    </section>
  );
}

export function TryIt() {
  return (
    <a class="button" href="#/send">
      <Icon name="send" />
      {text.tryIt}
    </a>
  );
}

function Held() {
  const only = reason.value;
  const n = heldRefusals.value.filter((row) => !only || row.reason === only).length;
  if (n === 0) return null;
  return (
    <button type="button" class="button primary pill" onClick={showHeldRefusals} aria-label={text.showArrived(n)} data-held={n}>
      <Icon name="up" />
      {text.arrived(n)}
    </button>
  );
}

/** What the rows are made of, as far as they go: groups, and of an open one each request. */
function rowsOf(groups: Group[], unfolded: ReadonlySet<string>, most: number) {
  const rows: { group: Group; at: number }[] = [];
  for (const group of groups) {
    const size = unfolded.has(group.name) ? group.rows.length : 1;
    for (let at = 0; at < size; at++) rows.push({ group, at });
    if (rows.length >= most) break;
  }
  return rows.slice(0, most);
}

function List() {
  const unfolded = useSignal<ReadonlySet<string>>(new Set());
  const most = useSignal(ROWS_AT_ONCE);
  const all = refusals.value ?? [];
  const open = openId.value;
  const groups = fold(all);
  const rows = rowsOf(groups, unfolded.value, most.value);
  const last = rows.at(-1);
  const cut = last !== undefined && (last.group !== groups.at(-1) || (unfolded.value.has(last.group.name) && last.at < last.group.rows.length - 1));
  const toggle = (name: string) => {
    const next = new Set(unfolded.peek());
    if (!next.delete(name)) next.add(name);
    unfolded.value = next;
  };
  const sum = Object.values(counts.value).reduce<number>((n, of) => n + (of ?? 0), 0);
  return (
    <section class="card list refused" id="refused" aria-labelledby="refused-title" tabIndex={-1}>
      <div class="list-head">
        <h2 id="refused-title">{text.title}</h2>
        <span class="muted" data-total={sum}>
          {polling.value && `${text.polling} · `}
          {text.requests(reason.value ? (counts.value[reason.value] ?? 0) : sum)}
          {countedSince.value && ` ${text.since(shortTime(countedSince.value, zone.value))}`}
        </span>
      </div>
      <Chips sum={sum} />
      <Held />
      {rows.length > 0 ? (
        <ol class="rows" onPointerMove={touch} onPointerDown={touch} onFocusCapture={touch}>
          {rows.map(({ group, at }) => {
            const row = group.rows[at] ?? group.rows[0];
            const isOpen = open !== null && (at > 0 ? row.request_id === open : group.rows.some(({ request_id }) => request_id === open));
            return (
              <Row
                // The first of a group keeps its place in the page while newer ones come on top of it.
                key={at === 0 ? group.name : `${rowName(row)} again`}
                row={row}
                group={at === 0 ? group : undefined}
                open={isOpen}
                unfolded={unfolded.value.has(group.name)}
                onFold={toggle}
              />
            );
          })}
        </ol>
      ) : (
        <div class="blank">
          <h3>{text.noneLike}</h3>
          <p class="muted">{text.noneLikeHint}</p>
        </div>
      )}
      {(cut || all.length >= MOST_KEPT) && (
        <div class="more">
          {cut ? (
            <button type="button" class="button" onClick={() => (most.value += ROWS_AT_ONCE)}>
              {text.more}
            </button>
          ) : (
            <span class="muted">{text.shown(all.length)}</span>
          )}
        </div>
      )}
    </section>
  );
}

/** Where only this list cannot be read, and the rest of the page can. */
function Trouble() {
  const problem = failure.value ? null : refusedFailure.value;
  if (!problem) return null;
  return (
    <ProblemBox failure={problem}>
      <button type="button" class="button small" onClick={readAgain}>
        {strings.failure.tryNow}
      </button>
    </ProblemBox>
  );
}

export function Refused() {
  const all = refusals.value;
  const open = openId.value;
  if (all === null) return failure.value || refusedFailure.value ? <Trouble /> : <p class="blank muted">{text.loading}</p>;
  const nothing = all.length === 0 && heldRefusals.value.length === 0 && !reason.value;
  if (nothing && open === null) {
    return (
      <>
        <Trouble />
        <Empty />
      </>
    );
  }
  return (
    <>
      <Trouble />
      <div class={open === null ? 'columns refused-columns' : 'columns refused-columns open'}>
        <div class="column-list">{nothing ? <Empty /> : <List key={reason.value} />}</div>
        {open !== null && (
          <div class="column-aside">
            <Refusal requestId={open} />
          </div>
        )}
      </div>
    </>
  );
}
