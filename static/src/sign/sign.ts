import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { fill, schemeOf, textOf, type Part, type SchemeName } from './scheme.ts';

// Not `crypto.subtle`: browsers have none on a page that came by plain HTTP from another machine.

export const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

export const toHex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
export const toBase64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));

function fromBase64(text: string): Uint8Array | null {
  // RFC 4648 with or without padding, and nothing else: `atob` would pass over blanks.
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return null;
  try {
    return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  } catch {
    return null;
  }
}

export type KeyFault = 'blank' | 'notBase64' | 'keyPair';
export type Key = { bytes: Uint8Array } | { fault: KeyFault };

/** What a secret is to a scheme, by the same rules as the server's. */
export function readKey(name: SchemeName, secret: string): Key {
  if (secret.trim() === '' || secret === 'whsec_') return { fault: 'blank' };
  if (/^wh[sp]k_/.test(secret)) return { fault: 'keyPair' };
  if (!schemeOf(name).decodes) return { bytes: encode(secret) };
  const bytes = fromBase64(secret.replace(/^whsec_/, ''));
  return bytes ? { bytes } : { fault: 'notBase64' };
}

/** Of one delivery. */
export interface Stamp {
  id: string;
  /** Whole seconds since 1970. */
  seconds: number;
}

export interface Header {
  name: string;
  parts: Part[];
}

export interface Signed {
  /** What stands before the body in what is signed. */
  preamble: Part[];
  /** As the scheme writes it; without a key, `null`. */
  digest: string | null;
  headers: Header[];
}

/** Stands where the digest will be. */
const UNKNOWN = '…';

/** Signs as a provider of this scheme does; without a key, shows all but the digest. */
export function sign(name: SchemeName, key: Uint8Array | null, stamp: Stamp, body: Uint8Array): Signed {
  const scheme = schemeOf(name);
  const values = { id: stamp.id, ts: String(stamp.seconds), sig: UNKNOWN };
  const preamble = fill(scheme.preamble, values);
  let digest: string | null = null;
  if (key) {
    const mac = hmac.create(sha256, key).update(encode(textOf(preamble))).update(body).digest();
    digest = scheme.encoding === 'hex' ? toHex(mac) : toBase64(mac);
    values.sig = digest;
  }
  return { preamble, digest, headers: scheme.headers.map(([header, value]) => ({ name: header, parts: fill(value, values) })) };
}

/** A secret that nobody has, as this scheme writes them. */
export function strangersSecret(name: SchemeName): string {
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  return schemeOf(name).decodes ? `whsec_${toBase64(bytes)}` : toHex(bytes);
}

/** The same with one byte changed that can be seen: its last letter or digit. `null`, if it has none. */
export function withOneByteChanged(body: Uint8Array): { body: Uint8Array; at: number; was: string; is: string } | null {
  const isAlphanumeric = (byte: number) => /^[a-z0-9]$/i.test(String.fromCharCode(byte));
  const at = body.findLastIndex(isAlphanumeric);
  const byte = body[at];
  if (byte === undefined) return null;
  const changed = body.slice();
  // z, Z and 9 have no next one.
  const next = isAlphanumeric(byte + 1) ? byte + 1 : byte - 1;
  changed[at] = next;
  return { body: changed, at, was: String.fromCharCode(byte), is: String.fromCharCode(next) };
}
