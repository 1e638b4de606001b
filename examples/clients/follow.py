#!/usr/bin/env python3
"""Follows the messages of a countersign, and does something about each of them once.

[COUNTERSIGN_URL=http://127.0.0.1:8000] [READ_TOKEN=…] python3 follow.py FILE

What is done here is to keep them in FILE, an SQLite database. What was done and how far it has come are one
transaction: however often this program or the server is killed, no message is left out, and none is done twice.
"""

import http.client
import json
import os
import random
import sqlite3
import sys
import time
import urllib.error
import urllib.request


def events(url: str, behind: int):
    """The messages behind a place in the order of arrival, and then those that come: (place, message)."""
    headers = {"Last-Event-ID": str(behind), "Accept": "text/event-stream"}
    if token := os.environ.get("READ_TOKEN"):
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(f"{url}/messages/live", headers=headers)
    # A quiet stream says something every 15 seconds; who hears nothing for 40 is alone.
    with urllib.request.urlopen(request, timeout=40) as stream:
        place, data = behind, None
        for line in stream:
            name, _, value = line.decode().rstrip("\r\n").partition(": ")
            if name == "id":
                place = int(value)
            elif name == "data":
                data = value
            elif not name and data is not None:
                yield place, json.loads(data)
                data = None


def follow(url: str, database: sqlite3.Connection) -> None:
    """Until the stream ends, as it does when the server stops or this program is too slow."""
    (behind,) = database.execute("SELECT coalesce(max(place), 0) FROM done").fetchone()
    for place, message in events(url, behind):
        with database:
            # Yours goes here, and into this transaction.
            database.execute(
                "INSERT INTO done (place, message_id, text) VALUES (?, ?, ?)",
                (place, message["message_id"], message["text"]),
            )
        print(f"{place}\t{message['message_id']}", flush=True)


def main(file: str) -> None:
    url = os.environ.get("COUNTERSIGN_URL", "http://127.0.0.1:8000").rstrip("/")
    database = sqlite3.connect(file)
    with database:
        database.execute("CREATE TABLE IF NOT EXISTS done (place INTEGER PRIMARY KEY, message_id TEXT, text TEXT)")
    while True:
        pause = 0.0
        try:
            follow(url, database)
        except urllib.error.HTTPError as error:
            # 429 and 5xx: not now. Any other (the token is missing, say) does not mend itself.
            if error.code != 429 and error.code < 500:
                sys.exit(f"refused with {error.code}: {error.read().decode()}")
            pause = float(error.headers.get("Retry-After") or 0)
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(max(pause, random.uniform(0.2, 1)))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    try:
        main(sys.argv[1])
    except KeyboardInterrupt:
        pass
