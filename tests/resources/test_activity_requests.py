"""Requests of bulk activities have the API's form, and wrong ones are refused."""

from __future__ import annotations

import pytest

from cc_async.resources import Activities, ContactSource
from tests.support.resources import (
    ANA,
    CONTACT,
    FIELD,
    GOLD,
    IDS,
    JAKE,
    NEWSLETTER,
    SPRING_FAIR,
    Call,
    assert_refused,
    assert_sent_once,
    request_of,
)

pytestmark = pytest.mark.looptime


PAIR: ContactSource = {"contact_ids": ["c"], "tag_ids": ["t"]}


@pytest.mark.parametrize(
    ("call", "method", "path", "body"),
    [
        (lambda it: it.submit_add_list_memberships([SPRING_FAIR], {"contact_ids": [CONTACT, JAKE]}), "POST", "/activities/add_list_memberships", {"source": {"contact_ids": [CONTACT, JAKE]}, "list_ids": [SPRING_FAIR]}),
        (lambda it: it.submit_remove_list_memberships(
                [SPRING_FAIR], {"list_ids": [NEWSLETTER]}, exclude=[ANA]
            ), "POST", "/activities/remove_list_memberships", {
                "source": {"list_ids": [NEWSLETTER]}, "exclude": {"contact_ids": [ANA]},
                "list_ids": [SPRING_FAIR],
            }),
        (lambda it: it.submit_contact_delete(contact_ids=[CONTACT, JAKE]), "POST", "/activities/contact_delete", {"contact_ids": [CONTACT, JAKE]}),
        (lambda it: it.submit_contact_delete(list_ids=[SPRING_FAIR]), "POST", "/activities/contact_delete", {"list_ids": [SPRING_FAIR]}),
        (lambda it: it.submit_taggings_add([GOLD], {"contact_ids": [CONTACT]}), "POST", "/activities/contacts_taggings_add", {"source": {"contact_ids": [CONTACT]}, "tag_ids": [GOLD]}),
        (lambda it: it.submit_taggings_remove([GOLD], {"all_active_contacts": True}), "POST", "/activities/contacts_taggings_remove", {"source": {"all_active_contacts": True}, "tag_ids": [GOLD]}),
        (lambda it: it.submit_list_delete([SPRING_FAIR]), "POST", "/activities/list_delete", {"list_ids": [SPRING_FAIR]}),
        (lambda it: it.submit_tags_delete([GOLD]), "POST", "/activities/contacts_tags_delete", {"tag_ids": [GOLD]}),
        (lambda it: it.submit_custom_fields_delete([FIELD]), "POST", "/activities/custom_fields_delete", {"custom_field_ids": [FIELD]}),
    ],
)  # fmt: skip
async def test_requests_have_the_form_of_the_api_examples(
    call: Call, method: str, path: str, body: object
) -> None:
    """Method, path, query and body of each request are those of the API's examples."""
    assert await request_of(Activities, call) == (method, path, body)


@pytest.mark.parametrize(
    "call",
    [
        lambda it: it.submit_contact_delete(),
        lambda it: it.submit_contact_delete(contact_ids=["c"], list_ids=["l"]),
        lambda it: it.submit_contact_delete(contact_ids=[]),
        lambda it: it.submit_contact_delete(list_ids=[]),
        lambda it: it.submit_contact_delete(contact_ids=[], list_ids=["l"]),
        lambda it: it.submit_contact_delete(contact_ids=["c", ""]),
        lambda it: it.submit_contact_delete(contact_ids=IDS),
        lambda it: it.submit_contact_delete(list_ids=IDS[:51]),
        lambda it: it.submit_list_delete("one-id"),
        lambda it: it.submit_list_delete([" "]),
        lambda it: it.submit_list_delete([None]),
        lambda it: it.submit_list_delete([7]),
        lambda it: it.submit_list_delete(7),
        lambda it: it.submit_list_delete(iter(["l"])),
        lambda it: it.submit_export(list_ids=[]),
        lambda it: it.submit_export(contact_ids=[]),
        lambda it: it.submit_export(list_ids=[""]),
        lambda it: it.submit_export(list_ids=[], contact_ids=["c"]),
        lambda it: it.submit_export(list_ids=["l"], status=""),
        lambda it: it.submit_list_delete(IDS[:101]),
        lambda it: it.submit_tags_delete(IDS),
        lambda it: it.submit_custom_fields_delete(IDS[:101]),
        lambda it: it.submit_custom_fields_delete([]),
        lambda it: it.submit_add_list_memberships(["l"], {}),
        lambda it: it.submit_add_list_memberships(["l"], PAIR),
        lambda it: it.submit_add_list_memberships(["l"], {"contact_ids": []}),
        lambda it: it.submit_add_list_memberships(["l"], {"list_ids": [""]}),
        lambda it: it.submit_add_list_memberships(["l"], {"engagement_level": ""}),
        lambda it: it.submit_add_list_memberships([""], {"tag_ids": ["t"]}),
        lambda it: it.submit_taggings_add(["t"], {"contact_ids": []}),
        lambda it: it.submit_taggings_remove([], {"contact_ids": ["c"]}),
        lambda it: it.submit_add_list_memberships(["l"], {"contact_ids": IDS}),
        lambda it: it.submit_add_list_memberships(["l"], {"unknown": True}),
        lambda it: it.submit_add_list_memberships(["l"], {"all_active_contacts": False}),
        lambda it: it.submit_add_list_memberships(["l"], {"tag_ids": ["t"]}, exclude=["c"]),
        lambda it: it.submit_add_list_memberships([], {"tag_ids": ["t"]}),
        lambda it: it.submit_add_list_memberships(IDS[:51], {"tag_ids": ["t"]}),
        lambda it: it.submit_remove_list_memberships(["l"], {"segment_id": 1}),
        lambda it: it.submit_taggings_add(["t"], {"engagement_level": "high"}),
        lambda it: it.submit_taggings_remove(["t"], {"list_ids": IDS[:51]}),
    ],
)
async def test_wrong_arguments_are_refused(call: Call) -> None:
    """Too many ids, no ids, and more or fewer than one source are not sent."""
    await assert_refused(Activities, call)


@pytest.mark.parametrize(
    "call",
    [
        lambda it: it.submit_add_list_memberships(["l"], {"contact_ids": ["c"]}),
        lambda it: it.submit_remove_list_memberships(["l"], {"contact_ids": ["c"]}),
        lambda it: it.submit_taggings_add(["t"], {"contact_ids": ["c"]}),
        lambda it: it.submit_taggings_remove(["t"], {"contact_ids": ["c"]}),
        lambda it: it.submit_contact_delete(contact_ids=["c"]),
        lambda it: it.submit_list_delete(["l"]),
        lambda it: it.submit_tags_delete(["t"]),
        lambda it: it.submit_custom_fields_delete(["f"]),
    ],
)
async def test_a_lost_answer_is_not_repeated(call: Call) -> None:
    """A request that creates or starts something is not repeated after a lost answer."""
    await assert_sent_once(Activities, call)
