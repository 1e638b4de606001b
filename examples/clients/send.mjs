#!/usr/bin/env node
// Signs one message, and sends it until countersign has stored it. Node 18 or newer.
//
//   WEBHOOK_SECRET=… [WEBHOOK_URL=http://127.0.0.1:8000/webhook] node send.mjs [TEXT]
import { createHmac, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

const ATTEMPTS = 8;

/** Resolves when the message is stored; rejects with `refused` where it never will be. */
async function send(url, secret, body) {
  const headers = {
    "Content-Type": "application/json",
    "X-Signature": createHmac("sha256", secret).update(body).digest("hex"),
  };
  let wait = 500;
  for (let attempt = 1; ; attempt++) {
    let problem;
    let pause = 0;
    try {
      const answer = await fetch(url, { method: "POST", headers, body, signal: AbortSignal.timeout(10_000) });
      if (answer.status === 200) return;
      problem = new Error(`refused with ${answer.status}: ${await answer.text()}`);
      // 429 and 5xx: not now. Any other: the request is wrong, and would be again.
      if (answer.status !== 429 && answer.status < 500) throw Object.assign(problem, { refused: true });
      pause = 1000 * Number.parseInt(answer.headers.get("Retry-After") ?? "0", 10) || 0;
    } catch (error) {
      if (error.refused) throw error;
      // No answer: it may be stored or not. The same bytes again are safe, because the id is in them.
      problem = error;
    }
    if (attempt === ATTEMPTS) throw problem;
    await sleep(Math.max(pause, wait * (0.5 + Math.random() / 2)));
    wait = Math.min(2 * wait, 10_000);
  }
}

const { WEBHOOK_SECRET, WEBHOOK_URL = "http://127.0.0.1:8000/webhook" } = process.env;
if (!WEBHOOK_SECRET) throw new Error("set WEBHOOK_SECRET to what the receiver verifies with");
// The id is made once, and so are the bytes.
const message = {
  message_id: randomUUID(),
  from: "+14155552671",
  to: "+14155552672",
  ts: new Date().toISOString(),
  text: process.argv[2] ?? "Hello from Node",
};
try {
  await send(WEBHOOK_URL, WEBHOOK_SECRET, JSON.stringify(message));
  console.log(`${message.message_id} is stored`);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
