"""Lists are created, found, renamed, counted and deleted."""

from __future__ import annotations

import pytest

from cc_async.errors import ConflictError
from cc_async.resources import ContactLists
from tests.support.people import client_of, open_sandbox
from tests.support.resources import NEWSLETTER, Call, assert_sent_once, request_of


@pytest.mark.looptime
async def test_lists_have_all_their_operations() -> None:
    """A list is created, found by its exact name, renamed, counted and deleted by an activity."""
    async with client_of(open_sandbox()) as cc:
        made = await cc.contact_lists.create("Spring fair", description="once")
        assert (await cc.contact_lists.find("Spring fair")) is not None
        assert (await cc.contact_lists.find("spring")) is None
        renamed = await cc.contact_lists.update(made.list_id, name="Summer fair")
        counted = await cc.contact_lists.get(made.list_id, include_membership_count="all")
        assert (renamed.name, counted.membership_count) == ("Summer fair", 0)
        with pytest.raises(ConflictError):
            await cc.contact_lists.create("Newsletter")
        activity = await cc.activities.wait(
            (await cc.contact_lists.delete(made.list_id)).activity_id
        )
        assert activity.state == "completed"
        assert [found.name async for found in cc.contact_lists.iter()] == ["Newsletter"]


@pytest.mark.parametrize(
    ("call", "method", "path", "body"),
    [
        (
            lambda it: it.create("Spring fair", favorite=True),
            "POST", "/contact_lists", {"name": "Spring fair", "favorite": True},
        ),
        (
            lambda it: it.get(NEWSLETTER, include_membership_count="active"),
            "GET", f"/contact_lists/{NEWSLETTER}?include_membership_count=active", None,
        ),
        (
            lambda it: it.update(NEWSLETTER, name="News"),
            "PUT", f"/contact_lists/{NEWSLETTER}", {"name": "News"},
        ),
        (lambda it: it.delete(NEWSLETTER), "DELETE", f"/contact_lists/{NEWSLETTER}", None),
    ],
)  # fmt: skip
async def test_requests_have_the_form_of_the_api_examples(
    call: Call, method: str, path: str, body: object
) -> None:
    """Method, path, query and body of each request are those of the API's examples."""
    assert await request_of(ContactLists, call) == (method, path, body)


@pytest.mark.parametrize("call", [lambda it: it.create("News"), lambda it: it.delete(NEWSLETTER)])
async def test_a_lost_answer_is_not_repeated(call: Call) -> None:
    """A request that creates or starts something is not repeated after a lost answer."""
    await assert_sent_once(ContactLists, call)
