import { batch, effect, signal } from '@preact/signals';
import { api } from '../api/client.ts';
import type { Failure } from '../api/failure.ts';
import { strings } from '../strings/index.ts';
import { announce } from './announce.ts';
import { failure, forget, locked, tryNow } from './feed.ts';

/** This browser has a session, which can be ended. Scripts cannot see its cookie, so the server is asked. */
export const signedIn = signal(false);
export const signing = signal(false);
export const signInFailure = signal<Failure | null>(null);

/** The token goes to the server and nowhere else: it is kept neither here nor in the browser. */
export async function signIn(token: string): Promise<boolean> {
  signing.value = true;
  const answer = await api.signIn(token, new AbortController().signal);
  batch(() => {
    signing.value = false;
    signInFailure.value = answer.ok ? null : answer.failure;
    if (answer.ok) {
      signedIn.value = true;
      failure.value = null;
    }
  });
  if (answer.ok) tryNow();
  return answer.ok;
}

export async function signOut(): Promise<void> {
  const answer = await api.signOut(new AbortController().signal);
  if (!answer.ok) {
    failure.value = answer.failure;
    return;
  }
  batch(() => {
    signedIn.value = false;
    forget();
  });
  announce(strings.signIn.signedOut);
  tryNow();
}

/** Longer than this, and nobody waits for it. */
const SESSION_MS = 2_000;

/** Resolves when it is known whether to sign in first: a page that asked for messages at once would be refused, and be listed so. */
export async function startSession(): Promise<void> {
  // The session has ended, or the token has changed: what it has shown goes with it.
  effect(() => {
    if (!locked.value) return;
    signedIn.value = false;
    forget();
  });
  const answer = await api.session(AbortSignal.timeout(SESSION_MS)).catch(() => null);
  if (!answer?.ok) return;
  signedIn.value = answer.data.signed_in;
  if (answer.data.token_required && !answer.data.signed_in) failure.value = { status: 401, title: '', detail: '', fields: [] };
}
