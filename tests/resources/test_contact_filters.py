"""Filters of contacts become a query."""

from __future__ import annotations

import pytest

from cc_async.errors import (
    InvalidRequestError,
)
from cc_async.resources import Contacts
from tests.support.resources import (
    IDS,
    NEWSLETTER,
    NOON,
)
from tests.support.scripted import ScriptedTransport, make_session, reply


async def test_filters_become_a_query() -> None:
    """Filters are sent under their names; empty ones are omitted, unknown ones refused."""
    transport = ScriptedTransport(reply(200, {"contacts": []}))
    contacts = Contacts(make_session(transport))
    pages = contacts.iter_pages(
        status=["all"], lists=iter([NEWSLETTER]), tags=(), email=None, updated_after=NOON,
        include=["taggings"], include_count=True, limit=50,
    )  # fmt: skip
    assert [page.items async for page in pages] == [()]
    assert transport.sent[0].query == (
        f"status=all&lists={NEWSLETTER}&updated_after=2026-09-21T12:00:00Z&include=taggings"
        "&include_count=true&limit=50"
    )
    with pytest.raises(TypeError, match="stauts"):
        [contact async for contact in contacts.iter(stauts=["all"])]  # type: ignore[call-arg]
    with pytest.raises(InvalidRequestError, match="25 lists"):
        [contact async for contact in contacts.iter(lists=IDS[:26])]
    assert len(transport.sent) == 1
