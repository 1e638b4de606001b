/**
 * How providers sign, as `docs/reference/signatures.md` has it: what stands before the body in what is signed, how the digest is
 * written, and which headers say it. In the patterns, `{id}` is the delivery's id, `{ts}` its time in whole seconds since
 * 1970, and `{sig}` the digest.
 */
export interface Scheme {
  /** Signed before the body. */
  preamble: string;
  encoding: 'hex' | 'base64';
  headers: readonly (readonly [name: string, value: string])[];
  /** The secret is base64, and the key is what it spells; elsewhere the key is the secret's text. */
  decodes?: boolean;
}

export const SCHEMES = {
  generic: { preamble: '', encoding: 'hex', headers: [['X-Signature', '{sig}']] },
  'standard-webhooks': {
    preamble: '{id}.{ts}.',
    encoding: 'base64',
    headers: [
      ['webhook-id', '{id}'],
      ['webhook-timestamp', '{ts}'],
      ['webhook-signature', 'v1,{sig}'],
    ],
    decodes: true,
  },
  github: { preamble: '', encoding: 'hex', headers: [['X-Hub-Signature-256', 'sha256={sig}']] },
  stripe: { preamble: '{ts}.', encoding: 'hex', headers: [['Stripe-Signature', 't={ts},v1={sig}']] },
  slack: {
    preamble: 'v0:{ts}:',
    encoding: 'hex',
    headers: [
      ['X-Slack-Request-Timestamp', '{ts}'],
      ['X-Slack-Signature', 'v0={sig}'],
    ],
  },
  shopify: { preamble: '', encoding: 'base64', headers: [['X-Shopify-Hmac-SHA256', '{sig}']] },
} as const satisfies Record<string, Scheme>;

export type SchemeName = keyof typeof SCHEMES;
export const SCHEME_NAMES = Object.keys(SCHEMES) as SchemeName[];

export const schemeOf = (name: SchemeName): Scheme => SCHEMES[name];

/** A name as the server says it; one that this page does not know yet is taken for the plainest. */
export function schemeName(name: string | null | undefined): SchemeName {
  return SCHEME_NAMES.find((known) => known === name) ?? 'generic';
}

/** Whether the time is signed, so that a request cannot be sent again later. */
export const isTimed = (name: SchemeName): boolean => schemeOf(name).preamble.includes('{ts}');

export const PLACE = /\{(id|ts|sig)\}/;

/** A piece of a pattern that was filled in, and what it is. */
export interface Part {
  text: string;
  is: 'id' | 'ts' | 'sig' | 'plain';
}

export function fill(pattern: string, values: Record<'id' | 'ts' | 'sig', string>): Part[] {
  // Splitting by a pattern with a group leaves the names of the places at the odd indices.
  const parts = pattern.split(PLACE).map((piece, i): Part => {
    if (i % 2 === 0) return { text: piece, is: 'plain' };
    const is = piece as 'id' | 'ts' | 'sig';
    return { text: values[is], is };
  });
  return parts.filter(({ text }) => text !== '');
}

export const textOf = (parts: readonly Part[]): string => parts.map(({ text }) => text).join('');

/** The id of a delivery: the message's, without what the scheme (a dot) or a header (anything else) does not take. */
export function deliveryId(body: string): string {
  let id: unknown;
  try {
    id = (JSON.parse(body) as { message_id?: unknown } | null)?.message_id;
  } catch {
    // Not JSON: it is signed all the same.
  }
  return typeof id === 'string' && id !== '' ? id.replace(/[^\w-]/gu, '_') : 'msg_1';
}
