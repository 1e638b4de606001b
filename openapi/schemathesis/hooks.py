"""Signs what schemathesis sends to /webhook, as a provider would."""

import hashlib
import hmac
import os

import requests
import schemathesis

SECRET = os.environ["WEBHOOK_SECRET"].encode()


class Signature(requests.auth.AuthBase):
    """Runs last, on the prepared request: the signature is over exactly the bytes that are sent."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        body = request.body or b""
        if isinstance(body, str):
            body = body.encode()
        request.headers["X-Signature"] = hmac.new(SECRET, body, hashlib.sha256).hexdigest()
        return request


schemathesis.auth.set_from_requests(Signature()).apply_to(path="/webhook", method="POST")
