"""A call reads its JSON body strictly."""

from __future__ import annotations

import orjson
import pytest

from tests.support.sandbox_calls import make_caller


@pytest.mark.parametrize("content_type", ["text/plain", "", "application/x-www-form-urlencoded"])
def test_json_needs_its_content_type(content_type: str) -> None:
    """The reply is 415 for a JSON body of another content type."""
    caller = make_caller()
    headers = {"Content-Type": content_type} if content_type else {}
    reply = caller.send("POST", "/contacts", b"{}", headers)
    assert reply.status == 415
    assert orjson.loads(reply.body)[0]["error_key"] == "contacts.api.unsupported_media_type"


@pytest.mark.parametrize("body", [b'{"name":"x",}', b"", b"[]", b"nothing", b'{"name":NaN}'])
def test_json_is_read_strictly(body: bytes) -> None:
    """The reply is 400 for a trailing comma, and for everything but a JSON object."""
    reply = make_caller().send(
        "POST", "/contact_lists", body, {"Content-Type": "application/json; charset=utf-8"}
    )
    assert (reply.status, orjson.loads(reply.body)) == (
        400,
        [{"error_key": "contacts.api.validation.error", "error_message": "JSON is malformed"}],
    )
