/** Quotes for POSIX shells, and only when it has to, so that the usual line stays readable. */
export function shellQuote(value: string): string {
  return /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}

/** The HMAC of `$BODY` under `$WEBHOOK_SECRET`, in hex. */
const SIGNATURE = `$(printf %s "$BODY" | openssl dgst -sha256 -hmac "$WEBHOOK_SECRET" -r | cut -d' ' -f1)`;

/** The two lines that sign a body and send it, where the secret is in the environment. */
export function sendLines(url: string, body: unknown): [string, string] {
  return [
    `BODY=${shellQuote(JSON.stringify(body))}`,
    `curl -X POST ${shellQuote(url)} -H "Content-Type: application/json" -H "X-Signature: ${SIGNATURE}" -d "$BODY"`,
  ];
}

/**
 * Three lines that send a first message. They hold no comment: zsh, the shell of every Mac, takes a `#` typed at its
 * prompt as a word, so a pasted comment would be an error.
 */
export function firstMessageLines(origin: string, ts: string): [string, string, string] {
  const body = { message_id: 'm1', from: '+919876543210', to: '+14155550100', ts, text: 'Hello' };
  return ['export WEBHOOK_SECRET=mysecret123', ...sendLines(`${origin}/webhook`, body)];
}
