#!/usr/bin/env bash
# Signs one message, and sends it until countersign has stored it.
#
#   WEBHOOK_SECRET=… [WEBHOOK_URL=http://127.0.0.1:8000/webhook] ./send.sh [TEXT]
set -euo pipefail

: "${WEBHOOK_SECRET:?set it to what the receiver verifies with}"
url=${WEBHOOK_URL:-http://127.0.0.1:8000/webhook}

# As JSON has it.
text=${1:-Hello from Bash}
text=${text//\\/\\\\} text=${text//\"/\\\"} text=${text//$'\n'/\\n} text=${text//$'\t'/\\t}

# The id is made once, and so are the bytes: whatever is sent again is the same message, and is stored once.
id=$(openssl rand -hex 16)
body=$(mktemp) answer=$(mktemp)
trap 'rm -f "$body" "$answer"' EXIT
printf '{"message_id":"%s","from":"+14155552671","to":"+14155552672","ts":"%s","text":"%s"}' \
    "$id" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$text" >"$body"
# While it runs, others on this machine can see the secret among its arguments.
signature=$(openssl dgst -sha256 -hmac "$WEBHOOK_SECRET" -r "$body" | cut -d' ' -f1)

# curl repeats 408, 429 and 5xx by itself, waits as Retry-After says or twice as long each time, and sends the same
# bytes. --retry-all-errors adds lost connections; a 4xx is no error to it, because --fail is not given.
status=$(curl --silent --show-error --max-time 10 --retry 7 --retry-all-errors --output "$answer" --write-out '%{http_code}' \
    --header 'Content-Type: application/json' --header "X-Signature: $signature" --data-binary "@$body" "$url")
if [ "$status" != 200 ]; then
    # The request is wrong, and would be again.
    echo "refused with $status: $(cat "$answer")" >&2
    exit 1
fi
echo "$id is stored"
