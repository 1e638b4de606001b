import { useEffect, useRef } from 'preact/hooks';
import { asNumber } from '../format/number.ts';
import { fromField, toField } from '../format/time.ts';
import { chipsOf } from '../state/chips.ts';
import { stats } from '../state/feed.ts';
import { clearFilter, endTyping, filter, filterBy, typeFilter, view } from '../state/route.ts';
import { RANGES, type Range } from '../state/view.ts';
import { toggleZone, zone } from '../state/zone.ts';
import { strings } from '../strings/index.ts';
import { Icon } from '../ui/icon.tsx';

const TYPING_PAUSE_MS = 250;
const text = strings.filter;

type TextFilter = 'q' | 'from' | 'to';

/** An input that follows the address, except while something is typed in it that is not asked for yet. */
function useFollowing(name: TextFilter) {
  const field = useRef<HTMLInputElement>(null);
  const typed = useRef(false);
  const value = filter.value[name];
  useEffect(() => {
    if (field.current && !typed.current && field.current.value !== value) field.current.value = value;
  }, [value]);
  // Back and forward must win even over that.
  useEffect(() => {
    const follow = () => {
      typed.current = false;
      if (field.current) field.current.value = view.peek().filter[name];
    };
    addEventListener('popstate', follow);
    return () => removeEventListener('popstate', follow);
  }, []);
  return { field, typed };
}

function Search() {
  const { field, typed } = useFollowing('q');
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const commit = () => {
    clearTimeout(timer.current);
    typed.current = false;
    typeFilter({ q: field.current?.value ?? '' });
  };
  return (
    <form
      class="search"
      role="search"
      aria-label={text.title}
      autocomplete="off"
      onSubmit={(event) => {
        event.preventDefault();
        commit();
        endTyping();
      }}
    >
      <label class="field grow">
        <span class="offscreen">{text.q}</span>
        <Icon name="search" />
        <input
          ref={field}
          id="search"
          name="q"
          type="search"
          dir="auto"
          placeholder={text.qPlaceholder}
          aria-keyshortcuts="/"
          enterkeyhint="search"
          spellcheck={false}
          defaultValue={filter.value.q}
          onInput={() => {
            typed.current = true;
            clearTimeout(timer.current);
            timer.current = setTimeout(commit, TYPING_PAUSE_MS);
          }}
          onBlur={endTyping}
        />
        <kbd>/</kbd>
      </label>
    </form>
  );
}

function Party({ name }: { name: 'from' | 'to' }) {
  const { field, typed } = useFollowing(name);
  const commit = () => {
    typed.current = false;
    const number = asNumber(field.current?.value ?? '');
    if (field.current) field.current.value = number;
    filterBy({ [name]: number });
  };
  return (
    <label class="field party">
      <span class="field-name">{text[name]}</span>
      <input
        ref={field}
        name={name}
        type="text"
        inputMode="tel"
        {...(name === 'from' && { list: 'known-senders' })}
        placeholder={text.number}
        spellcheck={false}
        autocomplete="off"
        defaultValue={filter.value[name]}
        onInput={() => (typed.current = true)}
        onChange={commit}
        onKeyDown={(event) => event.key === 'Enter' && commit()}
      />
    </label>
  );
}

function When() {
  const menu = useRef<HTMLDetailsElement>(null);
  const since = useRef<HTMLInputElement>(null);
  const until = useRef<HTMLInputElement>(null);
  const { last } = filter.value;
  const chip = chipsOf(filter.value, zone.value).find(({ name }) => name === 'when');

  // A menu closes when something else is touched.
  useEffect(() => {
    const close = (event: Event) => {
      if (menu.current?.open && event.target instanceof Node && !menu.current.contains(event.target)) menu.current.open = false;
    };
    addEventListener('pointerdown', close);
    addEventListener('focusin', close);
    return () => {
      removeEventListener('pointerdown', close);
      removeEventListener('focusin', close);
    };
  }, []);

  function choose(range: Range | '') {
    if (menu.current) menu.current.open = false;
    filterBy({ last: range, since: '', until: '' });
    menu.current?.querySelector('summary')?.focus();
  }

  function apply(event: Event) {
    event.preventDefault();
    const [start, end] = [since, until].map((field) => fromField(field.current?.value ?? '', zone.peek()));
    if (start && end && start >= end) {
      until.current?.setCustomValidity(text.reversed);
      until.current?.reportValidity();
      return;
    }
    if (menu.current) menu.current.open = false;
    filterBy({ last: '', since: start ?? '', until: end ?? '' });
    menu.current?.querySelector('summary')?.focus();
  }

  return (
    <details class="menu" ref={menu}>
      <summary class="button">
        <Icon name="clock" />
        <span class="offscreen">{text.when}: </span>
        <span>{last ? text.ranges[last] : (chip?.value ?? text.anyTime)}</span>
        <Icon name="chevron" />
      </summary>
      <div class="menu-body card">
        <ul class="ranges">
          {(['', ...Object.keys(RANGES)] as (Range | '')[]).map((range) => (
            <li key={range}>
              <button
                type="button"
                aria-pressed={range === '' ? chip === undefined : last === range}
                onClick={() => choose(range)}
              >
                {range === '' ? text.anyTime : text.ranges[range]}
              </button>
            </li>
          ))}
        </ul>
        <form class="custom" onSubmit={apply} onInput={() => until.current?.setCustomValidity('')} key={`${filter.value.since} ${filter.value.until} ${zone.value}`}>
          <label>
            {text.since}
            <input ref={since} name="since" type="datetime-local" step="1" defaultValue={toField(filter.value.since, zone.value)} />
          </label>
          <label>
            {text.until}
            <input ref={until} name="until" type="datetime-local" step="1" defaultValue={toField(filter.value.until, zone.value)} />
          </label>
          <button type="button" class="button small" onClick={toggleZone}>
            {strings.zone.label}: {strings.zone[zone.value]}
          </button>
          <button type="submit" class="button small">
            {text.apply}
          </button>
        </form>
      </div>
    </details>
  );
}

function Chips() {
  const chips = chipsOf(filter.value, zone.value);
  if (chips.length === 0) return null;
  return (
    <ul class="chips" aria-label={text.active}>
      {chips.map(({ name, label, value, without }) => (
        <li key={name}>
          <button
            type="button"
            class="chip"
            data-chip={name}
            aria-label={text.drop(`${label} ${value}`)}
            onClick={() => {
              filterBy(without);
              document.querySelector<HTMLElement>('#search')?.focus({ preventScroll: true });
            }}
          >
            <span class="muted">{label}</span> <bdi>{value}</bdi>
            <Icon name="close" />
          </button>
        </li>
      ))}
      <li>
        <button
          type="button"
          class="chip clear"
          onClick={() => {
            clearFilter();
            document.querySelector<HTMLElement>('#search')?.focus({ preventScroll: true });
          }}
        >
          {text.clear}
        </button>
      </li>
    </ul>
  );
}

export function Filters() {
  return (
    <div class="filters">
      <div class="filter-row">
        <Search />
        <Party name="from" />
        <Party name="to" />
        <When />
      </div>
      <Chips />
      <datalist id="known-senders">
        {stats.value?.messages_per_sender.map((known) => <option key={known.from_msisdn} value={known.from_msisdn} />)}
      </datalist>
    </div>
  );
}
