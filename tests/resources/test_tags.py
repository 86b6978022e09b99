"""Tags are created, found, renamed, counted and deleted."""

from __future__ import annotations

import pytest

from cc_async.errors import (
    ConflictError,
    NotFoundError,
)
from cc_async.resources import Tags
from tests.support.people import client_of, open_sandbox
from tests.support.resources import (
    GOLD,
    Call,
    assert_sent_once,
    join,
    request_of,
    wait_until_completed,
)
from tests.support.scripted import ScriptedTransport, make_session, reply

pytestmark = pytest.mark.looptime


async def test_tags_have_all_their_operations() -> None:
    """A tag is created, found, renamed, counted and deleted by an activity."""
    sandbox = open_sandbox()
    async with client_of(sandbox) as cc:
        made = await cc.tags.create("gold", tag_source="Contact")
        assert (made.name, made.tag_source, made.contacts_count) == ("gold", "Contact", None)
        with pytest.raises(ConflictError):
            await cc.tags.create("gold")
        contact_id = await join(cc, sandbox, "a@example.com")
        await wait_until_completed(
            cc,
            await cc.activities.submit_taggings_add([made.tag_id], {"contact_ids": [contact_id]}),
        )
        renamed = await cc.tags.update(made.tag_id, name="silver")
        assert (renamed.tag_id, renamed.name) == (made.tag_id, "silver")
        assert (await cc.tags.get(made.tag_id, include_count=True)).contacts_count == 1
        assert await cc.tags.find("gold") is None
        found = await cc.tags.find("silver")
        assert found is not None
        assert found.tag_id == made.tag_id
        assert [tag.contacts_count async for tag in cc.tags.iter(include_count=True)] == [1]
        await wait_until_completed(cc, await cc.tags.delete(made.tag_id))
        with pytest.raises(NotFoundError):
            await cc.tags.get(made.tag_id)
        assert not (await cc.contacts.get(contact_id, include=["taggings"])).taggings


@pytest.mark.parametrize(
    ("call", "method", "path", "body"),
    [
        (lambda it: it.get(GOLD), "GET", f"/contact_tags/{GOLD}", None),
        (lambda it: it.get(GOLD, include_count=True), "GET", f"/contact_tags/{GOLD}?include_count=true", None),
        (lambda it: it.create("gold", tag_source="Contact"), "POST", "/contact_tags", {"name": "gold", "tag_source": "Contact"}),
        (lambda it: it.create("gold"), "POST", "/contact_tags", {"name": "gold"}),
        (lambda it: it.update(GOLD, name="silver"), "PUT", f"/contact_tags/{GOLD}", {"name": "silver"}),
        (lambda it: it.delete(GOLD), "DELETE", f"/contact_tags/{GOLD}", None),
    ],
)  # fmt: skip
async def test_requests_have_the_form_of_the_api_examples(
    call: Call, method: str, path: str, body: object
) -> None:
    """Method, path, query and body of each request are those of the API's examples."""
    assert await request_of(Tags, call) == (method, path, body)


@pytest.mark.parametrize(
    "call",
    [
        lambda it: it.create("gold"),
        lambda it: it.delete(GOLD),
    ],
)
async def test_a_lost_answer_is_not_repeated(call: Call) -> None:
    """A request that creates or starts something is not repeated after a lost answer."""
    await assert_sent_once(Tags, call)


async def test_a_406_for_a_deleted_tag_is_not_found() -> None:
    """The contract describes 406 as not found for the deletion of a tag."""
    with pytest.raises(NotFoundError):
        await Tags(make_session(ScriptedTransport(reply(406)))).delete(GOLD)
