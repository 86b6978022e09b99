"""Accounts of tests: their identity, and tokens that tell it."""

from __future__ import annotations

import base64

import orjson

from cc_async.wire import Reply
from tests.support.scripted import reply


async def app() -> str:
    """Return the identity of the only account of a test."""
    return "app"


def jwt(user: str, *, application: str = "app-1", number: int = 0) -> str:
    """Return a token of *user* with the claims of a real one; *number* makes it another one."""
    claims = {"cid": application, "sub": user, "jti": number}
    parts = (orjson.dumps({"alg": "none"}), orjson.dumps(claims), b"signature")
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def summary(account_id: str) -> Reply:
    """Return the answer of `GET /account/summary`."""
    return reply(200, {"encoded_account_id": account_id, "organization_name": "Example Shop"})
