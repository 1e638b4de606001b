import { second } from '../state/clock.ts';
import { announcement } from '../state/announce.ts';
import { failure, filtered, locked, nextTryAt, refresh, shown, stale, stats, updatedAt } from '../state/feed.ts';
import { panel } from '../state/route.ts';
import { version } from '../state/version.ts';
import { strings } from '../strings.ts';
import { ProblemBox } from '../ui/problem.tsx';
import { ConflictList, ConflictNotice } from './conflicts.tsx';
import { Detail } from './detail.tsx';
import { Empty } from './empty.tsx';
import { Filters } from './filters.tsx';
import { Header } from './header.tsx';
import { Help } from './help.tsx';
import { List } from './list.tsx';
import { Overview, TopSenders } from './overview.tsx';
import { useReturnToList } from './panel.tsx';
import { SignIn } from './signin.tsx';

function NextTry() {
  if (nextTryAt.value === null) return null;
  return <span>{strings.failure.nextTry(Math.ceil((nextTryAt.value - second.value) / 1000))}</span>;
}

function Trouble() {
  if (!failure.value) return null;
  const text = strings.failure;
  return (
    <ProblemBox failure={failure.value}>
      <p class="muted">
        {updatedAt.value !== null && `${text.stillShown} `}
        <NextTry />
      </p>
      <button type="button" class="button small" onClick={refresh}>
        {text.tryNow}
      </button>
    </ProblemBox>
  );
}

function Aside() {
  const open = panel.value;
  if (open.kind === 'message') return <Detail id={open.id} />;
  if (open.kind === 'conflicts') return <ConflictList />;
  return <TopSenders />;
}

function Main() {
  const page = shown.value?.page;
  const empty = stats.value?.total_messages === 0 && page?.total === 0 && !stale.value;
  if (empty && panel.value.kind === 'none' && !filtered.value) return <Empty />;
  return (
    <>
      {stats.value && <Overview stats={stats.value} />}
      <ConflictNotice />
      <Filters />
      <div class="columns">
        <div class="column-list">{(page || !failure.value) && <List />}</div>
        <div class="column-aside">
          <Aside />
        </div>
      </div>
    </>
  );
}

function Footer() {
  return (
    <footer class="footer">
      <p>
        <strong>{strings.name}</strong> {version.value && <span data-version>{version.value}</span>}, {strings.tagline}
      </p>
      <nav aria-label={strings.name}>
        <a href="/docs">{strings.footer.docs}</a>
        <a href="/metrics">{strings.footer.metrics}</a>
        <a href="/messages?order=desc">{strings.footer.json}</a>
      </nav>
    </footer>
  );
}

export function App() {
  useReturnToList();
  return (
    <div class={panel.value.kind === 'none' ? 'page' : 'page has-panel'}>
      <a class="skip" href="#messages" onClick={skipToMessages}>
        {strings.skip}
      </a>
      <Header />
      <main class="main">
        {locked.value ? (
          <SignIn />
        ) : (
          <>
            <Trouble />
            <Main />
          </>
        )}
      </main>
      <Footer />
      <Help />
      <div class="offscreen" role="status" aria-live="polite">
        {announcement.value}
      </div>
    </div>
  );
}

/** The fragment of the address belongs to the panels, so the link may not change it. */
function skipToMessages(event: Event): void {
  event.preventDefault();
  document.querySelector<HTMLElement>('#messages, .empty, #token')?.focus();
}
