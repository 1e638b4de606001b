import type { Message } from '../api/types.ts';
import { arrived, filtered, held, PAGE_SIZE, showArrived, shown, stale, turnPage } from '../state/feed.ts';
import { panel, view } from '../state/route.ts';
import { messageHash } from '../state/view.ts';
import { strings } from '../strings.ts';
import { Icon } from '../ui/icon.tsx';
import { MessageText } from '../ui/text.tsx';
import { Time } from '../ui/time.tsx';
import { NothingMatches } from './nothing.tsx';
import { navigate } from '../state/route.ts';

function Row({ message, mark, open }: { message: Message; mark: string; open: boolean }) {
  return (
    <li class="row">
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
        href={messageHash(message.message_id)}
        data-message={message.message_id}
        aria-current={open ? 'true' : undefined}
      >
        <bdi>{message.message_id}</bdi>
      </a>
      <span class="row-text">
        <MessageText text={message.text} mark={mark} />
      </span>
    </li>
  );
}

function Pages({ offset, rows, total }: { offset: number; rows: number; total: number }) {
  const text = strings.list;
  if (offset === 0 && rows >= total) return null;
  return (
    <nav class="pages" aria-label={text.pages}>
      <button type="button" class="button" disabled={offset === 0} onClick={() => turnPage(-1)}>
        <Icon name="left" />
        {text.newer}
      </button>
      <span class="muted">{text.of(offset + 1, offset + rows, total)}</span>
      <button type="button" class="button" disabled={offset + rows >= total} onClick={() => turnPage(1)}>
        {text.older}
        <Icon name="right" />
      </button>
    </nav>
  );
}

function PastEnd() {
  return (
    <div class="blank">
      <p>{strings.list.pastEnd}</p>
      <button type="button" class="button" onClick={() => navigate({ offset: 0 })}>
        {strings.list.toNewest}
      </button>
    </div>
  );
}

export function List() {
  const { q } = view.value;
  const open = panel.value.kind === 'message' ? panel.value.id : null;
  const page = shown.value?.page;
  if (!page) return <p class="blank muted">{strings.list.loading}</p>;
  const { data, total, offset } = page;
  return (
    <section class="card list" id="messages" aria-labelledby="list-title" aria-busy={stale.value} tabIndex={-1}>
      <div class="list-head">
        <h2 id="list-title">{strings.list.title}</h2>
        <span class="muted" data-total={total}>
          {filtered.value ? strings.list.matching(total) : strings.messages(total)}
        </span>
      </div>
      {held.value && !stale.value && (
        <button type="button" class="button primary pill" onClick={showArrived}>
          <Icon name="up" />
          {strings.list.arrived(arrived.value)}
        </button>
      )}
      {data.length > 0 ? (
        <ol class="rows" start={offset + 1}>
          {data.map((message) => (
            <Row
              key={message.message_id}
              message={message}
              // Marks belong to the answer on the screen, not to the word being typed.
              mark={stale.value ? '' : q}
              open={message.message_id === open}
            />
          ))}
        </ol>
      ) : total > 0 ? (
        <PastEnd />
      ) : (
        <NothingMatches />
      )}
      {data.length > 0 && <Pages offset={offset} rows={Math.min(data.length, PAGE_SIZE)} total={total} />}
    </section>
  );
}
