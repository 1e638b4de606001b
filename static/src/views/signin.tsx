import { useEffect, useRef } from 'preact/hooks';
import { signIn, signInFailure, signing } from '../state/session.ts';
import { strings } from '../strings/index.ts';
import { Icon } from '../ui/icon.tsx';

const text = strings.signIn;

function wrong(): string | null {
  const failure = signInFailure.value;
  if (!failure) return null;
  return failure.status === 401 ? text.wrong : [failure.title, failure.detail].filter(Boolean).join(': ');
}

/** In place of the messages, where reading them needs a token. */
export function SignIn() {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const error = wrong();

  async function submit(event: Event) {
    event.preventDefault();
    const token = field.current?.value ?? '';
    if (!token || signing.peek()) return;
    if (await signIn(token)) return;
    field.current?.focus();
    field.current?.select();
  }

  return (
    <section class="card signin" aria-labelledby="signin-title">
      <h2 id="signin-title">{text.title}</h2>
      <p class="muted" id="signin-hint">
        {text.hint}
      </p>
      <form onSubmit={submit}>
        <label for="token">{text.token}</label>
        {/* Without a name: should a form ever be sent by itself, the token would not be in the address. */}
        <input
          ref={field}
          id="token"
          type="password"
          autocomplete="current-password"
          autocapitalize="none"
          spellcheck={false}
          required
          aria-describedby={error ? 'signin-error' : 'signin-hint'}
          aria-invalid={error !== null}
        />
        <p class="signin-error" id="signin-error" role="alert">
          {error && (
            <>
              <Icon name="warning" />
              {error}
            </>
          )}
        </p>
        <button type="submit" class="button primary" aria-disabled={signing.value}>
          {signing.value ? text.signing : text.submit}
        </button>
      </form>
    </section>
  );
}
