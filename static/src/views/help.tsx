import { useEffect, useRef } from 'preact/hooks';
import { helpOpen, setShortcuts, shortcuts } from '../state/keys.ts';
import { strings } from '../strings/index.ts';
import { Icon } from '../ui/icon.tsx';

const text = strings.shortcuts;

export function Help() {
  const dialog = useRef<HTMLDialogElement>(null);
  const open = helpOpen.value;
  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);
  return (
    <dialog
      ref={dialog}
      class="help"
      aria-labelledby="help-title"
      onClose={() => (helpOpen.value = false)}
      onClick={(event) => {
        // The dialog's own box is filled by its content: a click on the element itself is one on the backdrop.
        if (event.target === dialog.current) helpOpen.value = false;
      }}
    >
      <div class="help-body">
        <div class="panel-head">
          <h2 id="help-title">{text.title}</h2>
          <button
            type="button"
            class="button small square"
            aria-label={text.close}
            onClick={() => (helpOpen.value = false)}
          >
            <Icon name="close" />
          </button>
        </div>
        <dl class="keys">
          {text.keys.map(([key, what]) => (
            <div key={key}>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
        <label class="check">
          <input
            type="checkbox"
            checked={shortcuts.value}
            onChange={(event) => setShortcuts(event.currentTarget.checked)}
          />
          {text.enabled}
        </label>
      </div>
    </dialog>
  );
}
