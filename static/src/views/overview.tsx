import { failure, stats } from '../state/feed.ts';
import { strings } from '../strings/index.ts';
import { OutcomesPart, TimelinePart } from './overview/charts.tsx';
import { Figures } from './overview/figures.tsx';
import { LatencyPart, ServerPart, SourcesPart, StoragePart } from './overview/server.tsx';
import { TopSenders } from './senders.tsx';

export function Overview() {
  // Nothing to summarise, where nothing may be read.
  if (failure.value?.status === 403 && !stats.value) return null;
  return (
    <div class="overview">
      <h2 class="offscreen">{strings.overview.title}</h2>
      <Figures />
      <TimelinePart />
      <OutcomesPart />
      <LatencyPart />
      <TopSenders />
      <StoragePart />
      <SourcesPart />
      <ServerPart />
    </div>
  );
}
