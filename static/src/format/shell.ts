import { curlLines } from '../sign/snippets.ts';

/** Three lines that send a first message, to be pasted as they are. */
export function firstMessageLines(origin: string, ts: string): string[] {
  const body = { message_id: 'm1', from: '+919876543210', to: '+14155550100', ts, text: 'Hello' };
  return ['export WEBHOOK_SECRET=mysecret123', ...curlLines(`${origin}/webhook`, 'generic', JSON.stringify(body))];
}
