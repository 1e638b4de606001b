import { age } from '../format/time.ts';
import { second } from '../state/clock.ts';
import { link, paused, togglePause, updatedAt } from '../state/feed.ts';
import { helpOpen } from '../state/keys.ts';
import { signedIn, signOut } from '../state/session.ts';
import { nextTheme, theme } from '../state/theme.ts';
import { strings } from '../strings.ts';
import { Icon, Mark } from '../ui/icon.tsx';

function Updated() {
  if (updatedAt.value === null) return null;
  return <span class="updated">{strings.updated(age(second.value - updatedAt.value))}</span>;
}

function Badge() {
  return (
    <div class="status">
      <span class={`badge ${link.value}`} data-link={link.value}>
        <span class="dot" />
        {strings.link[link.value]}
      </span>
      <Updated />
    </div>
  );
}

export function Header() {
  const pauseLabel = paused.value ? strings.resume : strings.pause;
  const themeLabel = `${strings.theme.label}: ${strings.theme[theme.value]}`;
  return (
    <header class="header">
      <div class="header-inner">
        <h1 class="brand">
          <a href={location.pathname}>
            <Mark />
            {strings.name}
          </a>
        </h1>
        <Badge />
        <div class="tools">
          <button type="button" class="button" aria-label={pauseLabel} onClick={togglePause}>
            <Icon name={paused.value ? 'play' : 'pause'} />
            <span class="wide-only">{pauseLabel}</span>
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
