import { useEffect, useRef } from 'preact/hooks';
import { filtered, stats } from '../state/feed.ts';
import { endTyping, filterBy, typeFilter, view } from '../state/route.ts';
import { strings } from '../strings.ts';
import { Icon } from '../ui/icon.tsx';

const TYPING_PAUSE_MS = 250;

/** An input that follows the address except while somebody types in it. */
function useFollowing(value: string) {
  const ref = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const field = ref.current;
    if (field && field.value !== value && document.activeElement !== field) field.value = value;
  }, [value]);
  // Back and forward, or "Clear filters", must win even over a focused field.
  useEffect(() => {
    const follow = () => {
      if (ref.current) ref.current.value = view.peek()[ref.current.name === 'q' ? 'q' : 'from'];
    };
    addEventListener('popstate', follow);
    return () => removeEventListener('popstate', follow);
  }, []);
  return ref;
}

export function Filters() {
  const { q, from } = view.value;
  const search = useFollowing(q);
  const sender = useFollowing(from);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const text = strings.filter;

  // Only the edited field is committed: the other one may just have been changed from elsewhere.
  const commitSearch = () => typeFilter({ q: search.current?.value ?? '' });
  const commitSender = () => typeFilter({ from: sender.current?.value.trim() ?? '' });

  function clear() {
    clearTimeout(timer.current);
    if (search.current) search.current.value = '';
    if (sender.current) sender.current.value = '';
    filterBy({ q: '', from: '' });
    search.current?.focus();
  }

  return (
    <form
      class="filters"
      role="search"
      aria-label={text.title}
      autocomplete="off"
      onSubmit={(event) => {
        event.preventDefault();
        clearTimeout(timer.current);
        commitSearch();
        commitSender();
        endTyping();
      }}
    >
      <label class="field grow">
        <span class="offscreen">{text.q}</span>
        <Icon name="search" />
        <input
          ref={search}
          id="search"
          name="q"
          type="search"
          dir="auto"
          placeholder={text.qPlaceholder}
          aria-keyshortcuts="/"
          enterkeyhint="search"
          spellcheck={false}
          defaultValue={q}
          onInput={() => {
            clearTimeout(timer.current);
            timer.current = setTimeout(commitSearch, TYPING_PAUSE_MS);
          }}
          onBlur={endTyping}
        />
        <kbd>/</kbd>
      </label>
      <label class="field">
        <span class="offscreen">{text.from}</span>
        <Icon name="filter" />
        <input
          ref={sender}
          name="from"
          type="text"
          inputMode="tel"
          list="known-senders"
          placeholder={text.fromPlaceholder}
          spellcheck={false}
          defaultValue={from}
          onChange={() => {
            commitSender();
            endTyping();
          }}
        />
        <datalist id="known-senders">
          {stats.value?.messages_per_sender.map((known) => <option key={known.from_msisdn} value={known.from_msisdn} />)}
        </datalist>
      </label>
      {filtered.value && (
        <button type="button" class="button" onClick={clear}>
          <Icon name="close" />
          {text.clear}
        </button>
      )}
    </form>
  );
}
