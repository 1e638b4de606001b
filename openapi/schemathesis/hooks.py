"""What schemathesis cannot know: how a provider signs, and what a cursor looks like."""

import base64
import hashlib
import hmac
import os
import re

import requests
import schemathesis
from hypothesis import strategies as st

SECRET = os.environ["WEBHOOK_SECRET"].encode()


class Signature(requests.auth.AuthBase):
    """Runs last, on the prepared request: the signature is over exactly the bytes that are sent."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        body = request.body or b""
        if isinstance(body, str):
            body = body.encode()
        request.headers["X-Signature"] = hmac.new(SECRET, body, hashlib.sha256).hexdigest()
        return request


def cursor(micros: int, message_id: str) -> str:
    place = b"\x01" + micros.to_bytes(8, "big", signed=True) + message_id.encode() + b"\xff"
    return base64.urlsafe_b64encode(place).decode().rstrip("=")


# Years 0 to 9999. To anyone else a cursor is opaque.
schemathesis.openapi.format(
    "cursor",
    st.builds(
        cursor,
        st.integers(-62_167_219_200_000_000, 253_402_300_799_999_999),
        st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=255),
    ),
)


def whole(value: object, most: int) -> bool:
    text = str(value)
    return text.isascii() and text.isdigit() and int(text) <= most


INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")


@schemathesis.hook
def before_call(context, case, kwargs):
    """OpenAPI cannot say that two parameters, each of them good, exclude or need each other."""
    # A source that is there has a name; half of the time, the others are tried.
    if case.path == "/webhook/{source}" and len(case.path_parameters["source"]) % 2:
        case.path_parameters["source"] = "default"
    query = case.query or {}
    if query.get("cursor") and whole(query.get("offset", ""), 2**63 - 1):
        del query["offset"]
    if whole(query.get("after_seq", ""), 2**63 - 1) and any(
        query.get(name) for name in ("cursor", "order", "offset")
    ):
        del query["after_seq"]
    if case.path == "/stats/timeline":
        if query.get("from") and query.get("to"):
            del query["to"]
        # Which instants are in order, and at most 1000 buckets apart.
        good = {"since": "2025-06-01T09:00:00Z", "until": "2025-06-01T13:00:00Z"}
        given = {name for name in good if INSTANT.fullmatch(str(query.get(name, "")))}
        if "since" in given and not query.get("until"):
            given.add("until")
        query.update({name: good[name] for name in given})
    if whole(query.get("wait", ""), 30):
        if "after_seq" in query:
            # Nobody has the time.
            query["wait"] = 0
        else:
            del query["wait"]


schemathesis.auth.set_from_requests(Signature()).apply_to(path_regex="^/webhook", method="POST")
