import { batch, computed, signal } from '@preact/signals';
import { ask, failureOf, http, refusalOf } from '../api/client.ts';
import type { Failure } from '../api/failure.ts';
import { deliveryId, schemeName, textOf, type SchemeName } from '../sign/scheme.ts';
import { encode, readKey, sign, strangersSecret, toHex, withOneByteChanged, type Stamp } from '../sign/sign.ts';
import { strings } from '../strings/index.ts';
import { DEFAULT_SOURCE, type MessageKey } from './view.ts';

/** What is being written stays while one looks elsewhere. The secret does not: it is never here. */
export interface Draft {
  message_id: string;
  from: string;
  to: string;
  ts: string;
  text: string;
}

export const FIELDS = ['message_id', 'from', 'to', 'ts', 'text'] as const satisfies (keyof Draft)[];

// Not `crypto.randomUUID`, which browsers keep from pages that came by plain HTTP.
export const freshId = (): string => `test-${toHex(crypto.getRandomValues(new Uint8Array(6)))}`;
export const presentTime = (): string => new Date().toISOString();

const freshDraft = (): Draft => ({
  message_id: freshId(),
  from: '+14155552671',
  to: '+14155552672',
  ts: presentTime(),
  text: 'Hello from the dashboard',
});

export const draft = signal<Draft>(freshDraft());
/** The body as it was written by hand; `null` while the form makes it. */
export const raw = signal<string | null>(null);
export const body = computed(() => raw.value ?? JSON.stringify(draft.value));

/** When it is signed, as a number of whole seconds: at the last change, so that nothing runs while it is read. */
const signedAt = signal(now());
let touched = false;

function now(): number {
  return Math.floor(Date.now() / 1000);
}

function touch(): void {
  touched = true;
  signedAt.value = now();
}

/** The tab is opened: what nobody has written anything into begins anew. */
export function arrive(): void {
  if (!touched) draft.value = freshDraft();
  signedAt.value = now();
}

export function write(patch: Partial<Draft>): void {
  touch();
  draft.value = { ...draft.value, ...patch };
}

export function writeRaw(text: string): void {
  touch();
  raw.value = text;
}

/** A fresh id also where the body is written by hand, if it can be found there. */
export function renew(): void {
  const message_id = freshId();
  const before = body.peek();
  batch(() => {
    write({ message_id });
    if (raw.peek() !== null) raw.value = before.replace(/("message_id"\s*:\s*)"(?:[^"\\]|\\.)*"/, `$1"${message_id}"`);
  });
}

/** The body that was written by hand, and what the form made of it. */
let left: { text: string; body: string } | undefined;

export function byHand(on: boolean): void {
  touch();
  const text = raw.peek();
  if (on === (text !== null)) return;
  if (on) {
    // What was written by hand is not lost by a look at the form.
    raw.value = left?.body === body.peek() ? left.text : body.peek();
    return;
  }
  batch(() => ((draft.value = { ...draft.peek(), ...fieldsOf(text ?? '') }), (raw.value = null)));
  left = { text: text ?? '', body: body.peek() };
}

/** What the form can show of a body. */
function fieldsOf(text: string): Partial<Draft> {
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json !== 'object' || json === null) return {};
    const members = Object.entries(json).filter(([name, value]) => FIELDS.some((field) => field === name) && typeof value === 'string');
    return Object.fromEntries(members);
  } catch {
    return {};
  }
}

// --- Where it goes

/** As `GET /sources` has it. */
export interface Source {
  name: string;
  path: string;
  scheme: SchemeName;
  /** The labels of the keys that vouch for something now. */
  keys: string[];
}

const UNKNOWN: Source = { name: DEFAULT_SOURCE, path: '/webhook', scheme: 'generic', keys: [] };

/** `null`: the server does not say, or not to this browser. Then the scheme is chosen by hand. */
export const sources = signal<Source[] | null>(null);
export const chosen = signal('');
export const chosenScheme = signal<SchemeName>('generic');

export const source = computed<Source>(() => {
  const known = sources.value;
  return known?.find(({ name }) => name === chosen.value) ?? known?.[0] ?? { ...UNKNOWN, scheme: chosenScheme.value };
});
export const url = computed(() => location.origin + source.value.path);

export async function loadSources(abort: AbortSignal): Promise<void> {
  const answer = await ask(abort, (signal) => http.GET('/sources', { signal }));
  // Where they are not to be read, or there is no answer, the form works all the same.
  const known = answer.ok ? answer.data.data : [];
  const read = known.map(({ name, path, scheme, keys }) => ({
    name,
    path,
    scheme: schemeName(scheme),
    keys: keys.filter(({ state }) => state === 'active').map(({ label }) => label),
  }));
  sources.value = read.length > 0 ? read : null;
}

// --- What is sent, and what is said to it

export const WAYS = ['right', 'secret', 'newline', 'byte', 'unsigned', 'again'] as const;
/** How it is sent: right, or wrong on purpose. */
export type Way = (typeof WAYS)[number];

export interface Request {
  way: Way;
  body: Uint8Array;
  headers: [name: string, value: string][];
  /** What was done to it. */
  note: string;
}

export interface Outcome {
  way: Way;
  note: string;
  status: number;
  ms: number;
  requestId: string | null;
  /** The server knew it already. */
  known: boolean;
  /** The answer as it came. */
  said: string;
  failure: Failure | null;
  /** Where it can be read, if it was stored. */
  key: MessageKey | null;
}

export const outcome = signal<Outcome | null>(null);
export const sending = signal<Way | null>(null);
/** The body that was stored last, and where. */
export const stored = signal<{ body: string; source: string } | null>(null);

export const stampOf = (text: string): Stamp => ({ id: deliveryId(text), seconds: signedAt.value });

/** A right signature over `text`, as the headers that are sent. */
function signatureOf(key: Uint8Array, text: string): [string, string][] {
  const { headers } = sign(source.peek().scheme, key, stampOf(text), encode(text));
  return headers.map(({ name, parts }) => [name, textOf(parts)]);
}

/** A request, ready to be sent; `null`, if it cannot be made. The key is used and forgotten. */
export function prepare(way: Way, key: Uint8Array | null): Request | null {
  const { scheme } = source.peek();
  const notes = strings.send.notes;
  signedAt.value = now();
  const text = way === 'again' ? stored.peek()?.body : body.peek();
  if (text === undefined) return null;
  const bytes = encode(text);
  if (way === 'unsigned') return { way, body: bytes, headers: [], note: notes.unsigned };
  const secret = way === 'secret' ? readKey(scheme, strangersSecret(scheme)) : null;
  const signer = secret ? 'bytes' in secret && secret.bytes : key;
  if (!signer) return null;
  const headers = signatureOf(signer, text);
  if (way === 'newline') return { way, body: encode(`${text}\n`), headers, note: notes.newline };
  if (way !== 'byte') return { way, body: bytes, headers, note: notes[way] };
  const changed = withOneByteChanged(bytes);
  return changed && { way, body: changed.body, headers, note: notes.byte(changed.at + 1, changed.was, changed.is) };
}

const TIMEOUT_MS = 15_000;

function keyOf(text: string): MessageKey | null {
  const { message_id: id } = fieldsOf(text);
  return id ? { source: source.peek().name, id } : null;
}

export async function deliver(request: Request): Promise<Outcome> {
  const { path, name } = source.peek();
  const { way, note } = request;
  const text = new TextDecoder().decode(request.body);
  sending.value = way;
  const began = performance.now();
  let result: Outcome;
  try {
    const answer = await fetch(path, {
      method: 'POST',
      headers: [['Content-Type', 'application/json'], ...request.headers],
      body: request.body as Uint8Array<ArrayBuffer>,
      // As a provider sends it, who has no session here.
      credentials: 'omit',
      cache: 'no-store',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const said = await answer.text();
    const ms = performance.now() - began;
    result = {
      way,
      note,
      status: answer.status,
      ms,
      requestId: answer.headers.get('X-Request-Id'),
      known: answer.headers.has('Idempotent-Replayed'),
      said,
      failure: answer.ok ? null : refusalOf(answer, parsed(said)),
      key: answer.ok ? keyOf(text) : null,
    };
  } catch (error) {
    result = { way, note, status: 0, ms: performance.now() - began, requestId: null, known: false, said: '', failure: failureOf(error), key: null };
  }
  batch(() => {
    sending.value = null;
    outcome.value = result;
    if (result.failure === null) stored.value = { body: text, source: name };
  });
  return result;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
