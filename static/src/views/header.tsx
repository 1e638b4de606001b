import { age } from '../format/time.ts';
import { compact } from '../format/number.ts';
import { second } from '../state/clock.ts';
import { arrivedAt, link, paused, togglePause } from '../state/feed.ts';
import { helpOpen } from '../state/keys.ts';
import { unseenRefusals } from '../state/refused.ts';
import { openTab, tab } from '../state/route.ts';
import { signedIn, signOut } from '../state/session.ts';
import { nextTheme, theme } from '../state/theme.ts';
import { placeHash, NO_PANEL, TABS } from '../state/view.ts';
import { toggleZone, zone } from '../state/zone.ts';
import { strings } from '../strings/index.ts';
import { Icon, Mark } from '../ui/icon.tsx';

function LastArrival() {
  if (link.value !== 'live' && link.value !== 'polling') return null;
  const at = arrivedAt.value;
  return (
    <span class="arrival">{at === null ? strings.noArrival : strings.lastArrival(age(second.value - at))}</span>
  );
}

function Badge() {
  return (
    <div class="status">
      <span class={`badge ${link.value}`} data-link={link.value} title={strings.linkHint[link.value]}>
        <span class="dot" />
        {strings.link[link.value]}
      </span>
      <LastArrival />
    </div>
  );
}

const ICONS = { messages: 'inbox', refused: 'shield', overview: 'chart', send: 'send' } as const;

/** At the top, or, on a phone, at the bottom, where the thumb is. */
export function Tabs({ place }: { place: 'top' | 'bottom' }) {
  return (
    <nav class={`tabs ${place}`} aria-label={strings.tabs.label}>
      {TABS.map((name) => {
        const unseen = name === 'refused' ? unseenRefusals.value : 0;
        return (
          <a
            key={name}
            href={location.pathname + location.search + placeHash(name, NO_PANEL)}
            aria-current={tab.value === name ? 'page' : undefined}
            onClick={(event) => {
              if (event.ctrlKey || event.metaKey || event.shiftKey) return;
              event.preventDefault();
              openTab(name);
            }}
          >
            <Icon name={ICONS[name]} />
            <span>{strings.tabs[name]}</span>
            {unseen > 0 && (
              <span class="count bad" data-unseen={unseen}>
                {compact(unseen)}
                <span class="offscreen"> {strings.refused.unseen}</span>
              </span>
            )}
          </a>
        );
      })}
    </nav>
  );
}

export function Header() {
  const pauseLabel = paused.value ? strings.resume : strings.pause;
  const themeLabel = `${strings.theme.label}: ${strings.theme[theme.value]}`;
  const zoneLabel = `${strings.zone.label}: ${strings.zone[zone.value]}`;
  return (
    <header class="header">
      <div class="header-inner">
        <h1 class="brand">
          <a href={location.pathname}>
            <Mark />
            {strings.name}
          </a>
        </h1>
        <Tabs place="top" />
        <Badge />
        <div class="tools">
          <button type="button" class="button square" aria-label={pauseLabel} title={pauseLabel} aria-pressed={paused.value} onClick={togglePause}>
            <Icon name={paused.value ? 'play' : 'pause'} />
          </button>
          <button type="button" class="button zone" aria-label={zoneLabel} title={zoneLabel} onClick={toggleZone}>
            {strings.zone[zone.value]}
          </button>
          <button type="button" class="button square" aria-label={themeLabel} title={themeLabel} onClick={nextTheme}>
            <Icon name={theme.value} />
          </button>
          <button
            type="button"
            class="button square"
            aria-label={strings.help}
            title={strings.help}
            onClick={() => (helpOpen.value = true)}
          >
            ?
          </button>
          {signedIn.value && (
            <button type="button" class="button" aria-label={strings.signIn.signOut} onClick={signOut}>
              <Icon name="leave" />
              <span class="wide-only">{strings.signIn.signOut}</span>
            </button>
          )}
        </div>
      </div>
    </header>
  );
}
