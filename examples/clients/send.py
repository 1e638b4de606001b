#!/usr/bin/env python3
"""Signs one message, and sends it until countersign has stored it.

WEBHOOK_SECRET=… [WEBHOOK_URL=http://127.0.0.1:8000/webhook] python3 send.py [TEXT]
"""

import datetime
import hashlib
import hmac
import http.client
import json
import os
import random
import sys
import time
import urllib.error
import urllib.request
import uuid

ATTEMPTS = 8


def send(url: str, secret: bytes, body: bytes) -> str:
    """Answers what was said at last; raises urllib.error.HTTPError if the message is refused for good."""
    request = urllib.request.Request(
        url,
        data=body,
        headers={
            "Content-Type": "application/json",
            "X-Signature": hmac.new(secret, body, hashlib.sha256).hexdigest(),
        },
    )
    wait = 0.5
    for attempt in range(1, ATTEMPTS + 1):
        pause = 0.0
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError as error:
            # 429 and 5xx: not now. Any other: the request is wrong, and would be again.
            if error.code != 429 and error.code < 500 or attempt == ATTEMPTS:
                raise
            pause = retry_after(error.headers)
        except (OSError, http.client.HTTPException):
            # No answer: it may be stored or not. The same bytes again are safe, because the id is in them.
            if attempt == ATTEMPTS:
                raise
        time.sleep(max(pause, wait * random.uniform(0.5, 1)))
        wait = min(2 * wait, 10)
    raise AssertionError("the last attempt returns or raises")


def retry_after(headers) -> float:
    value = headers.get("Retry-After", "")
    return float(value) if value.isdigit() else 0.0


if __name__ == "__main__":
    # The id is made once, and so are the bytes.
    message = {
        "message_id": str(uuid.uuid4()),
        "from": "+14155552671",
        "to": "+14155552672",
        "ts": datetime.datetime.now(datetime.timezone.utc).isoformat(),
        "text": sys.argv[1] if len(sys.argv) > 1 else "Hello from Python",
    }
    try:
        send(
            os.environ.get("WEBHOOK_URL", "http://127.0.0.1:8000/webhook"),
            os.environ["WEBHOOK_SECRET"].encode(),
            json.dumps(message).encode(),
        )
    except urllib.error.HTTPError as error:
        sys.exit(f"refused with {error.code}: {error.read().decode()}")
    print(f"{message['message_id']} is stored")
