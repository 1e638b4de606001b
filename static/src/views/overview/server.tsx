import type { ServerStats, Source } from '../../api/overview.ts';
import { bytes } from '../../format/number.ts';
import { milliseconds } from '../../format/scale.ts';
import { age } from '../../format/time.ts';
import { checks, server, sources } from '../../state/overview.ts';
import { strings } from '../../strings/index.ts';
import { Icon } from '../../ui/icon.tsx';
import { Foreign } from '../../ui/text.tsx';
import { Time } from '../../ui/time.tsx';
import { Figure } from './figures.tsx';
import { Part } from './part.tsx';

const text = strings.overview;

const LATENCIES = ['p50_ms', 'p95_ms', 'p99_ms'] as const;

export function LatencyPart() {
  const words = text.latency;
  return (
    <Part name="latency" title={words.title} of={server}>
      {({ acknowledgement: of }) => {
        const minutes = Math.round(of.window_seconds / 60);
        if (of.count === 0) return <p class="muted">{words.none(minutes)}</p>;
        return (
          <>
            <p class="hint">{words.of(of.count, minutes)}</p>
            <dl class="latencies">
              {LATENCIES.map((name) => (
                <Figure key={name} name={name} label={words.names[name]}>
                  {milliseconds(of[name] ?? 0)} <span class="unit">{words.unit}</span>
                </Figure>
              ))}
            </dl>
            <p class="hint">{words.hint}</p>
          </>
        );
      }}
    </Part>
  );
}

const SIZES = ['database_bytes', 'index_bytes', 'wal_bytes', 'free_bytes'] as const;

function Storage({ engine, durability, durable, ...sizes }: ServerStats['storage']) {
  const words = text.storage;
  const what = [engine, durability].filter(Boolean).join(', ');
  const known = SIZES.flatMap((name) => {
    const size = sizes[name];
    return size === null ? [] : [{ name, size }];
  });
  return (
    <>
      {durable === false ? (
        <div class="notice warn" data-durable="false">
          <Icon name="warning" />
          <div class="notice-body">
            <p class="notice-title">{words.lost}</p>
            <p>{what}</p>
          </div>
        </div>
      ) : (
        <p data-durable={durable ?? undefined}>{durable && what ? words.durable(what) : what || words.unknown}</p>
      )}
      {known.length > 0 && (
        <dl class="facts">
          {known.map(({ name, size }) => (
            <div key={name} data-size={name}>
              <dt>{words.sizes[name]}</dt>
              <dd>{bytes(size)}</dd>
            </div>
          ))}
        </dl>
      )}
    </>
  );
}

export function StoragePart() {
  return (
    <Part name="storage" title={text.storage.title} of={server}>
      {({ storage }) => <Storage {...storage} />}
    </Part>
  );
}

function Keys({ keys }: Pick<Source, 'keys'>) {
  const words = text.sources;
  if (keys.length === 0) return <span class="absent">{words.none}</span>;
  return (
    <ul class="key-list">
      {keys.map(({ label, until, state }) => (
        <li key={label} class={state}>
          <code>
            <Foreign text={label} />
          </code>
          {state === 'expired' && <span class="tag">{words.expired}</span>}
          {until && (
            <span class="hint">
              {state === 'expired' ? words.ended : words.ends} <Time iso={until} />
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}

/** The roles are said, because on a phone the style sheet makes a list of the table, which would take them away. */
export function SourcesPart() {
  const words = text.sources;
  return (
    <Part name="sources" title={words.title} of={sources}>
      {(all) => (
        <table class="sources-table" role="table" aria-labelledby="part-sources">
          <thead role="rowgroup">
            <tr role="row">
              {[words.name, words.path, words.scheme, words.header, words.keys].map((word) => (
                <th key={word} role="columnheader" scope="col">
                  {word}
                </th>
              ))}
            </tr>
          </thead>
          <tbody role="rowgroup">
            {all.map((source) => (
              <tr key={source.name} role="row" data-source={source.name}>
                <th role="rowheader" scope="row" data-label={words.name}>
                  <Foreign text={source.name} />
                </th>
                <td role="cell" data-label={words.path}>
                  <code>
                    <Foreign text={source.path} />
                  </code>
                </td>
                <td role="cell" data-label={words.scheme}>
                  <div>
                    {source.scheme}
                    {source.tolerance_seconds !== null && <p class="hint">{words.tolerance(source.tolerance_seconds)}</p>}
                  </div>
                </td>
                <td role="cell" data-label={words.header}>
                  <code>
                    <Foreign text={source.signature_header} />
                  </code>
                </td>
                <td role="cell" data-label={words.keys}>
                  <Keys keys={source.keys} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Part>
  );
}

function Process() {
  const words = text.server;
  const known = server.value.data;
  if (!known) return null;
  return (
    <dl class="facts">
      <div>
        <dt>{words.version}</dt>
        <dd>{known.version}</dd>
      </div>
      <div>
        <dt>{words.uptime}</dt>
        <dd>{age(known.uptime_seconds * 1000)}</dd>
      </div>
      <div>
        <dt>{words.started}</dt>
        <dd>
          <Time iso={known.started_at} />
        </dd>
      </div>
    </dl>
  );
}

export function ServerPart() {
  const words = text.server;
  return (
    <Part name="server" title={words.title} of={checks}>
      {(found) => {
        const all = Object.entries(found);
        const ready = all.every(([, { status }]) => status === 'ok');
        return (
          <>
            <p class={ready ? 'verdict good' : 'verdict bad'} data-ready={ready}>
              <Icon name={ready ? 'check' : 'warning'} />
              {ready ? words.ready : words.notReady}
            </p>
            <ul class="checks">
              {all.map(([name, { status, detail }]) => (
                <li key={name} class={status} data-check={name}>
                  <Icon name={status === 'ok' ? 'check' : 'warning'} />
                  <span>{words.checks[name] ?? name}</span>
                  <span class="muted">{words.states[status]}</span>
                  {detail && <span class="detail">{detail}</span>}
                </li>
              ))}
            </ul>
            <Process />
          </>
        );
      }}
    </Part>
  );
}
