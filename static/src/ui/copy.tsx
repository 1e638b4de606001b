import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { announce } from '../state/announce.ts';
import { strings } from '../strings/index.ts';
import { Icon } from './icon.tsx';

/** The clipboard API exists only over HTTPS and on localhost; a dashboard in a private network is often neither. */
async function writeClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    area.className = 'offscreen';
    const focused = document.activeElement;
    document.body.append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    if (focused instanceof HTMLElement) focused.focus();
    return done;
  }
}

interface Props {
  text: string;
  /** What is copied, for people who do not see where the button stands. */
  label: string;
  /** Show the label instead of "Copy". */
  wide?: boolean;
  primary?: boolean;
  /** Only the icon, without a frame. */
  bare?: boolean;
  /** `curl`: the one that the key `c` presses. */
  marker?: 'curl';
}

export function Copy({ text, label, wide, primary, bare, marker }: Props) {
  const state = useSignal<'idle' | 'done' | 'failed'>('idle');
  useEffect(() => {
    if (state.value === 'idle') return;
    const timer = setTimeout(() => (state.value = 'idle'), 2000);
    return () => clearTimeout(timer);
  }, [state.value]);

  const words = { idle: wide ? label : strings.copy.copy, done: strings.copy.copied, failed: strings.copy.failed };
  return (
    <button
      type="button"
      class={`button ${bare ? 'bare' : primary ? 'primary' : 'small'} ${state.value}`}
      data-copy-curl={marker === 'curl' ? true : undefined}
      aria-label={label}
      title={label}
      onClick={async () => {
        const done = await writeClipboard(text);
        state.value = done ? 'done' : 'failed';
        announce(done ? strings.copy.announced : strings.copy.failed);
      }}
    >
      <Icon name={state.value === 'done' ? 'check' : 'copy'} />
      {(!bare || state.value === 'failed') && words[state.value]}
    </button>
  );
}
