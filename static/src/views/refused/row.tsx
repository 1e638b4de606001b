import { Component } from 'preact';
import { bytes } from '../../format/number.ts';
import type { Rejection } from '../../api/types.ts';
import { pathOf, spokesman, type Group } from '../../state/refusals.ts';
import { lastOpen } from '../../state/refused.ts';
import { refusalHash } from '../../state/view.ts';
import { strings } from '../../strings/index.ts';
import { wordsOf } from '../../strings/refused.ts';
import { Icon } from '../../ui/icon.tsx';
import { Time } from '../../ui/time.tsx';

const text = strings.refused;

interface Props {
  row: Rejection;
  /** What the row stands for; without it, it is one of those that a group was opened to. */
  group: Group | undefined;
  open: boolean;
  unfolded: boolean;
  onFold(name: string): void;
}

/** Made anew only when something of it has changed: a hundred new ones a second must not make three hundred old ones again. */
export class Row extends Component<Props> {
  override shouldComponentUpdate(next: Props): boolean {
    const { row, group, open, unfolded } = this.props;
    return (
      next.row !== row ||
      next.open !== open ||
      next.unfolded !== unfolded ||
      next.group?.rows.length !== group?.rows.length ||
      (next.group && group && spokesman(next.group) !== spokesman(group)) === true
    );
  }

  override render({ row, group, open, unfolded, onFold }: Props) {
    const times = group?.rows.length ?? 1;
    const shown = group && times > 1 && !unfolded ? spokesman(group) : row;
    // Whoever closes one that has moved into the group meanwhile comes back to the row that stands for it.
    const held = lastOpen.peek();
    const back = group?.rows.some(({ request_id }) => request_id === held) ? held : null;
    const words = wordsOf(row.reason);
    return (
      <li class={group ? 'row refusal' : 'row refusal again'}>
        <span class="row-time">
          <Time iso={row.refused_at} />
        </span>
        <span class="refusal-head">
          {/* The link covers the whole row by its ::after. */}
          <a
            class="refusal-title"
            href={refusalHash(back && !unfolded ? back : shown.request_id)}
            data-row={back && !unfolded ? back : shown.request_id}
            aria-current={open ? 'true' : undefined}
          >
            {words.title}
          </a>
          <code class="tag">
            <bdi>{row.reason}</bdi>
          </code>
          {group && times > 1 && (
            <button
              type="button"
              class="button small refusal-times"
              aria-expanded={unfolded}
              aria-label={text.unfold(times)}
              title={text.unfold(times)}
              data-times={times}
              onClick={() => onFold(group.name)}
            >
              {text.of(times)}
              <Icon name={unfolded ? 'up' : 'down'} />
            </button>
          )}
        </span>
        {shown.near_miss && (
          <span class="refusal-near">
            <Icon name="search" />
            <bdi>{text.nearMiss(shown.near_miss)}</bdi>
          </span>
        )}
        <span class="refusal-facts">
          <span>{row.status}</span>
          <bdi>{pathOf(row)}</bdi>
          {row.peer && <bdi>{row.peer}</bdi>}
          {typeof row.body_bytes === 'number' && <span>{bytes(row.body_bytes)}</span>}
        </span>
      </li>
    );
  }
}
