"""The shape of single requests, as aiohttp is asked to send them."""

from __future__ import annotations

import pytest
from aioresponses import aioresponses
from yarl import URL

from cc_async import ConstantContact
from cc_async.errors import InvalidRequestError, NotFoundError
from cc_async.models import SignUp
from cc_async.transport import AiohttpTransport

BASE = "https://api.cc.email/v3"


def sent(server: aioresponses) -> tuple[str, URL, dict[str, object]]:
    ((method, url), (call, *_)) = next(iter(server.requests.items()))
    return method, url, call.kwargs


async def test_a_sign_up_is_sent_as_documented() -> None:
    """Method, address, headers and body of a sign-up are those of the API's page."""
    with aioresponses() as server:
        server.post(
            f"{BASE}/contacts/sign_up_form",
            status=201,
            payload={"contact_id": "c", "action": "created"},
        )
        async with ConstantContact("a-token", stores="memory:") as cc:
            result = await cc.contacts.sign_up(SignUp("a@example.com", ["l1"]))
        method, url, call = sent(server)
    assert result.action == "created"
    assert (method, str(url)) == ("POST", f"{BASE}/contacts/sign_up_form")
    assert dict(call["headers"]) == {  # type: ignore[call-overload]
        "User-Agent": "cc-async",
        "Accept": "application/json",
        "Authorization": "Bearer a-token",
        "Content-Type": "application/json",
    }
    assert call["data"] == b'{"email_address":"a@example.com","list_memberships":["l1"]}'
    assert call["allow_redirects"] is False


async def test_a_read_has_no_body_and_no_content_type() -> None:
    """A GET says what it accepts and nothing about a body it does not have."""
    with aioresponses() as server:
        server.get(f"{BASE}/activities/a1", status=404, payload=[])
        async with ConstantContact("a-token", stores="memory:") as cc:
            with pytest.raises(NotFoundError):
                await cc.activities.get("a1")
        _, _, call = sent(server)
    assert call["data"] is None
    assert "Content-Type" not in call["headers"]  # type: ignore[operator]


def test_a_base_url_without_a_scheme_is_refused() -> None:
    """An address that is none is an error at once, with an example of one."""
    with pytest.raises(InvalidRequestError) as caught:
        AiohttpTransport("api.cc.email/v3")
    assert "https://api.cc.email/v3" in caught.value.hint
