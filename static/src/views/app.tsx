import { announcement } from '../state/announce.ts';
import { second } from '../state/clock.ts';
import { failure, filtered, heardAt, list, locked, nextTryAt, stale, stats, tryNow } from '../state/feed.ts';
import { panel, tab } from '../state/route.ts';
import { version } from '../state/version.ts';
import { strings } from '../strings/index.ts';
import { ProblemBox } from '../ui/problem.tsx';
import { ConflictList } from './conflicts.tsx';
import { Detail } from './detail.tsx';
import { Empty } from './empty.tsx';
import { Filters } from './filters.tsx';
import { Header, Tabs } from './header.tsx';
import { Help } from './help.tsx';
import { List } from './list.tsx';
import { Overview } from './overview.tsx';
import { useReturnToList } from './panel.tsx';
import { Refused } from './refused.tsx';
import { Send } from './send.tsx';
import { TopSenders } from './senders.tsx';
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
        {heardAt.value !== null && `${text.stillShown} `}
        <NextTry />
      </p>
      <button type="button" class="button small" onClick={tryNow}>
        {text.tryNow}
      </button>
    </ProblemBox>
  );
}

function Aside() {
  const open = panel.value;
  if (open.kind === 'message') return <Detail messageKey={open.key} />;
  if (open.kind === 'conflicts') return <ConflictList />;
  return <TopSenders />;
}

function Messages() {
  const shown = list.value;
  const empty = stats.value?.total_messages === 0 && shown?.total === 0 && !stale.value;
  // Nothing to look for, where nothing may be read.
  if (failure.value?.status === 403 && !shown) return null;
  if (empty && panel.value.kind === 'none' && !filtered.value) return <Empty />;
  return (
    <>
      <Filters />
      <div class="columns">
        <div class="column-list">{(shown || !failure.value) && <List />}</div>
        <div class="column-aside">
          <Aside />
        </div>
      </div>
    </>
  );
}

const VIEWS = { messages: Messages, refused: Refused, overview: Overview, send: Send };

function Footer() {
  return (
    <footer class="footer">
      <p>
        <strong>{strings.name}</strong>
        {version.value && <span data-version> {version.value}</span>}, {strings.tagline}
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
  const View = VIEWS[tab.value];
  return (
    <div class={panel.value.kind === 'none' ? 'page' : 'page has-panel'} data-tab={tab.value}>
      <a class="skip" href="#main" onClick={skipToMain}>
        {strings.skip}
      </a>
      <Header />
      <main class="main" id="main" tabIndex={-1}>
        {/* Whoever has the secret may send, whoever may read. */}
        {locked.value && tab.value !== 'send' ? (
          <SignIn />
        ) : (
          <>
            {!locked.value && <Trouble />}
            <View />
          </>
        )}
      </main>
      <Footer />
      <Tabs place="bottom" />
      <Help />
      <div class="offscreen" role="status" aria-live="polite">
        {announcement.value}
      </div>
    </div>
  );
}

/** The fragment of the address says what is open, so the link may not change it. */
function skipToMain(event: Event): void {
  event.preventDefault();
  const places = ['#messages', '#token', '#main'].map((place) => document.querySelector<HTMLElement>(place));
  places.find((place) => place)?.focus();
}
