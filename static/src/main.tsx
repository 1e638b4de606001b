import { render } from 'preact';
import { effect } from '@preact/signals';
import './styles/tokens.css';
import './styles/base.css';
import './styles/layout.css';
import './styles/filters.css';
import './styles/list.css';
import './styles/panel.css';
import './styles/refused.css';
import './styles/empty.css';
import './styles/signin.css';
import './styles/send.css';
import './styles/bars.css';
import './styles/overview.css';
import { startAnnouncing } from './state/announce.ts';
import { startClock } from './state/clock.ts';
import { startDetail } from './state/detail.ts';
import { startFeed } from './state/feed.ts';
import { startKeys } from './state/keys.ts';
import { startOverview } from './state/overview.ts';
import { startRefused } from './state/refused.ts';
import { panel, startRouting, tab } from './state/route.ts';
import { startSession } from './state/session.ts';
import { startVersion } from './state/version.ts';
import { strings } from './strings/index.ts';
import { App } from './views/app.tsx';

startRouting();
startClock();
startAnnouncing();
startKeys();
void startSession().then(() => {
  startFeed();
  startDetail();
  startRefused();
  startOverview();
  startVersion();
});

effect(() => {
  const open = panel.value;
  const place = tab.value === 'messages' ? '' : strings.tabs[tab.value];
  const subject = open.kind === 'message' ? open.key.id : open.kind === 'conflicts' ? strings.conflicts.title : place;
  document.title = subject ? `${subject} · ${strings.name}` : strings.name;
});

const root = document.getElementById('app');
if (root) render(<App />, root);
