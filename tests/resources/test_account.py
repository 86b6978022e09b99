"""The account of the token is read and changed."""

from __future__ import annotations

import attrs
import pytest

from cc_async.errors import UnexpectedResponseError
from cc_async.resources import OwnAccount
from cc_async.retries import RetryPolicy
from tests.support.people import client_of, open_sandbox
from tests.support.resources import (
    Call,
    assert_refused,
    request_of,
)
from tests.support.scripted import ScriptedTransport, make_session, reply

pytestmark = pytest.mark.looptime


async def test_an_update_changes_only_the_given_fields() -> None:
    """A new phone number is stored, and all other data of the account stay."""
    async with client_of(open_sandbox()) as cc:
        before = await cc.account.get()
        changed = await cc.account.update(contact_phone="5551234")
        assert changed.contact_phone == "5551234"
        assert await cc.account.get() == attrs.evolve(before, contact_phone="5551234")


@pytest.mark.parametrize(
    ("call", "method", "path", "body"),
    [
        (lambda it: it.update(country_code="us", state_code="MA", website=""), "PUT", "/account/summary", {"country_code": "US", "state_code": "MA", "website": ""}),
    ],
)  # fmt: skip
async def test_requests_have_the_form_of_the_api_examples(
    call: Call, method: str, path: str, body: object
) -> None:
    """Method, path, query and body of each request are those of the API's examples."""
    assert await request_of(OwnAccount, call) == (method, path, body)


@pytest.mark.parametrize(
    "call",
    [
        lambda it: it.update(),
        lambda it: it.update(country_code="us"),
    ],
)
async def test_wrong_arguments_are_refused(call: Call) -> None:
    """An update without arguments, or of the country US without a state, is not sent."""
    await assert_refused(OwnAccount, call)


async def test_an_unknown_argument_is_refused() -> None:
    """A field that only the service sets is refused like any unknown argument."""
    transport = ScriptedTransport(reply(200, {}))
    with pytest.raises(TypeError, match="encoded_account_id"):
        await OwnAccount(make_session(transport)).update(encoded_account_id="a")  # type: ignore[call-arg]
    assert not transport.sent


@pytest.mark.parametrize("body", [{}, None, "text", 5, [5], [{}], [{"privilege_id": "x"}]])
async def test_privileges_of_another_form_are_an_error(body: object) -> None:
    """An object, text or items of another form are no privileges, and no empty tuple."""
    session = make_session(ScriptedTransport(reply(200, body)), policy=RetryPolicy(deadline=0.1))
    with pytest.raises(UnexpectedResponseError):
        await OwnAccount(session).privileges()
