"""The provider's own client, unchanged, cannot tell the sandbox from the real thing.

It is generated code that checks every answer against the contract's types. It is synchronous,
so it runs in a thread while the sandbox serves.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import constant_contact_api_client as provider
import pytest

from cc_async.sandbox import Sandbox, SandboxServer, SandboxSettings
from tests.support.sandbox_calls import AUTH

UNKNOWN_ID = "9b2f6a10-7a11-11ef-b7a4-fa163ecf3a1d"

Drive = Callable[[provider.ApiClient, Sandbox], None]


@pytest.fixture
async def server() -> AsyncIterator[tuple[Sandbox, SandboxServer]]:
    """A sandbox on a port, limits out of the way, whose activities take no time."""
    settings = SandboxSettings(
        lists=("Newsletter", "Spring fair"),
        custom_fields=("Vehicle",),
        per_second=10_000,
        activity_seconds=0,
    )
    sandbox = Sandbox(settings)
    async with sandbox.serve() as running:
        yield sandbox, running


@pytest.fixture
def client(server: tuple[Sandbox, SandboxServer]) -> Iterator[provider.ApiClient]:
    """The provider's client, set up as documented."""
    configuration = provider.Configuration(host=server[1].url)
    token = AUTH["Authorization"].removeprefix("Bearer ")
    configuration.access_token = token
    with provider.ApiClient(configuration) as made:
        made.default_headers["Authorization"] = AUTH["Authorization"]
        yield made
        made.rest_client.pool_manager.clear()


def drive_contacts(client: provider.ApiClient, sandbox: Sandbox) -> None:
    api = provider.ContactsApi(client)
    one, two = (item.list_id for item in sandbox.contact_lists)
    field = sandbox.custom_fields[0].custom_field_id
    made = api.create_contact(
        provider.CreateContactRequest.from_dict(
            {
                "email_address": {"address": "dlang@example.com", "permission_to_send": "implicit"},
                "first_name": "Debora",
                "create_source": "Account",
                "birthday_month": 11,
                "birthday_day": 24,
                "anniversary": "2006-11-15",
                "custom_fields": [{"custom_field_id": field, "value": "Bike"}],
                "phone_numbers": [{"phone_number": "555-555-1212", "kind": "mobile"}],
                "street_addresses": [{"kind": "home", "state": "IL", "country": "US"}],
                "list_memberships": [one],
                "notes": [{"content": "Likes tea"}],
            }
        )
    )
    assert made.email_address.permission_to_send == "implicit"
    assert made.street_addresses[0].state == "Illinois"
    assert made.created_at.tzinfo is not None
    contact_id = str(made.contact_id)

    with pytest.raises(provider.exceptions.ApiException) as conflict:
        api.create_contact(
            provider.CreateContactRequest.from_dict(
                {"email_address": {"address": "DLANG@example.com"}, "create_source": "Account"}
            )
        )
    assert conflict.value.status == 409
    assert contact_id in conflict.value.body

    everything = "custom_fields,list_memberships,phone_numbers,street_addresses,taggings,notes"
    got = api.get_contact_by_id(contact_id, include=everything)
    assert [str(item) for item in got.list_memberships] == [one]
    assert got.custom_fields[0].value == "Bike"
    assert got.notes[0].content == "Likes tea"

    signed_up = api.create_or_update_contact(
        provider.CreateOrUpdateContactRequest.from_dict(
            {"email_address": "dlang@example.com", "list_memberships": [two], "job_title": "CEO"}
        )
    )
    assert (signed_up.action, str(signed_up.contact_id)) == ("updated", contact_id)

    found = api.get_all_contacts(
        status="all",
        email="dlang@example.com",
        lists=f"{one},{two}",
        updated_after=dt.datetime(2020, 1, 1, tzinfo=dt.UTC),
        include="list_memberships",
        include_count=True,
        limit=10,
    )
    assert found.contacts_count == 1
    assert {str(item) for item in found.contacts[0].list_memberships} == {one, two}
    assert api.get_all_contacts(email="nobody@example.com").contacts == []

    changed = api.update_contact(
        contact_id,
        provider.UpdateContactRequest.from_dict(
            {
                "email_address": {
                    "address": "dlang@example.com",
                    "permission_to_send": "unsubscribed",
                    "opt_out_reason": "Too many",
                },
                "update_source": "Contact",
            }
        ),
    )
    assert changed.email_address.opt_out_reason == "Too many"
    assert changed.first_name is None
    request = provider.ResubscribeContactRequest(list_ids=[one])
    assert api.resubscribe_contact(contact_id, request) is None
    counts = api.get_contact_counts(include="new_subscriber")
    assert (counts.total, counts.unsubscribed) == (1, 1)
    xrefs = api.get_contact_id_xrefs("1").xrefs
    assert str(xrefs[0].contact_id) == contact_id
    assert api.get_sms_engagement_history(contact_id) == []
    assert api.delete_contact(contact_id) is None
    with pytest.raises(provider.exceptions.NotFoundException):
        api.delete_contact(contact_id)
    assert api.get_contact_by_id(contact_id).deleted_at == dt.datetime.now(dt.UTC).date()


def drive_text_messages(client: provider.ApiClient, sandbox: Sandbox) -> None:
    api = provider.ContactsApi(client)
    made = api.create_or_update_contact(
        provider.CreateOrUpdateContactRequest.from_dict(
            {
                "list_memberships": [sandbox.contact_lists[0].list_id],
                "sms_channel": {
                    "sms_address": "7815551212",
                    "dial_code": "1",
                    "country_code": "US",
                    "sms_channel_consents": [
                        {
                            "sms_consent_permission": "explicit",
                            "consent_type": "promotional_sms",
                            "consent_medium_type": "LF",
                            "consent_medium_url": "https://example.com",
                            "consent_medium_details": "form",
                            "advertised_frequency": 2,
                            "advertised_interval": "monthly",
                        }
                    ],
                },
            }
        )
    )
    assert made.action == "created"
    contact_id = str(made.contact_id)
    channel = api.get_contact_by_id(contact_id).sms_channel
    assert (channel.dial_code, channel.sms_address) == ("1", "7815551212")
    assert channel.sms_channel_consents[0].advertised_frequency == "2"
    history = api.get_sms_engagement_history(contact_id)
    assert history[0].history_details.state == "explicit"


def drive_lists(client: provider.ApiClient, sandbox: Sandbox) -> None:
    api = provider.ContactListsApi(client)
    made = api.create_list(provider.UpdateListRequest(name="Friends", favorite=True))
    list_id = str(made.list_id)
    assert (made.name, made.favorite) == ("Friends", True)
    assert api.get_list(list_id, include_membership_count="all").membership_count == 0
    page = api.get_all_lists(limit=2, include_count=True, include_membership_count="active")
    assert (page.lists_count, len(page.lists)) == (3, 2)
    assert page.links.next.href.startswith("/v3/contact_lists?cursor=")
    assert api.get_all_lists(name="Friends").lists[0].list_id == made.list_id
    request = provider.UpdateListRequest(name="Good friends", description="Old ones")
    assert api.update_list(list_id, request).description == "Old ones"
    assert str(api.get_list_id_xrefs("3").xrefs[0].list_id) == list_id
    assert api.delete_list(list_id).state == "initialized"
    with pytest.raises(provider.exceptions.NotFoundException):
        api.get_list(list_id)


def drive_fields(client: provider.ApiClient, sandbox: Sandbox) -> None:
    api = provider.ContactsCustomFieldsApi(client)
    made = api.create_custom_fields(
        provider.CreateCustomFieldsRequest.from_dict(
            {
                "label": "Shirt size",
                "type": "single_select",
                "metadata": {"display_type": "dropdown"},
                "choices": [{"choice_label": "S", "display_order": 1}, {"choice_label": "L"}],
            }
        )
    )
    field_id = str(made.custom_field_id)
    assert (made.name, made.metadata.display_type) == ("shirt_size", "dropdown")
    assert [item.choice_label for item in made.choices] == ["S", "L"]
    assert api.get_custom_field(field_id).type == "single_select"
    assert len(api.get_all_custom_fields(limit=100).custom_fields) == 2
    request = provider.UpdateCustomFieldRequest.from_dict(
        {"label": "Size", "choices": [{"choice_id": 2, "choice_label": "Large"}]}
    )
    changed = api.update_custom_field(field_id, request)
    assert (changed.label, changed.choices[0].choice_id) == ("Size", 2)
    assert api.delete_custom_field(field_id) is None


def drive_tags(client: provider.ApiClient, sandbox: Sandbox) -> None:
    api = provider.ContactTagsApi(client)
    made = api.post_tag(provider.PostTagRequest(name="gold", tag_source="Contact"))
    tag_id = str(made.tag_id)
    assert api.put_tag(tag_id, provider.PutTagRequest(name="silver")).name == "silver"
    assert api.get_tag(tag_id, include_count=True).contacts_count == 0
    assert [item.name for item in api.get_all_tags(limit=5, include_count=True).tags] == ["silver"]
    assert api.delete_tag(tag_id).state == "initialized"
    with pytest.raises(provider.exceptions.NotFoundException):
        api.get_tag(tag_id)


def finished(api: provider.BulkActivitiesApi, activity: Any) -> Any:
    """Let an activity's time pass, and return it."""
    assert activity.state == "initialized"
    done = api.get_activity_by_id(str(activity.activity_id))
    assert done.state == "completed"
    return done


def drive_imports(client: provider.ApiClient, sandbox: Sandbox) -> None:
    api = provider.BulkActivitiesApi(client)
    one, two = (item.list_id for item in sandbox.contact_lists)
    text = 'email,first_name,cf:vehicle\r\na@example.com,Ana,"Tesla, S"\r\nnobody,Ben,\r\n'
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "people.csv")
        file.write_text(text, newline="")
        activity = api.create_csv_import_activity(str(file), f"{one},{two}")
    assert activity.source_file_name == "people.csv"
    status = finished(api, activity).status
    assert (status.items_total_count, status.person_count) == (3, 2)
    assert (status.correctable_count, status.error_count) == (1, 0)
    assert sandbox.members(two) == ("a@example.com",)
    contact = sandbox.contacts[0]
    assert [item.value for item in contact.custom_fields or ()] == ["Tesla, S"]

    request = provider.CreateImportJSONActivityRequest.from_dict(
        {
            "import_data": [{"email": "b@example.com", "work_phone": "555"}],
            "list_ids": [one],
        }
    )
    done = finished(api, api.create_import_json_activity(request))
    assert done.status.person_count == 1
    assert sandbox.members(one) == ("a@example.com", "b@example.com")


def drive_activities(client: provider.ApiClient, sandbox: Sandbox) -> None:
    # Two requests are built without their checks: these copy a `maxItems: 0` that is a slip in
    # the contract, and let no id pass.
    api = provider.BulkActivitiesApi(client)
    one, two = (item.list_id for item in sandbox.contact_lists)
    tag = sandbox.add_tag("gold").tag_id
    field = sandbox.custom_fields[0].custom_field_id
    ids = [
        sandbox.add_contact(f"{name}@example.com", lists=(one,)).contact_id for name in ("a", "b")
    ]

    added = api.create_list_add_activity(
        provider.CreateListAddActivityRequest.from_dict(
            {"source": {"contact_ids": ids}, "list_ids": [two]}
        )
    )
    assert finished(api, added).status.items_completed_count == 2
    removed = api.create_list_remove_activity(
        provider.CreateListRemoveActivityRequest.model_construct(
            source=provider.CreateListRemoveActivityRequestSource(all_active_contacts=True),
            list_ids=[two],
        )
    )
    assert finished(api, removed).status.list_count == 1

    tagged = provider.CreateTagRemoveActivityRequest.from_dict(
        {"source": {"list_ids": [one]}, "exclude": {"contact_ids": ids[:1]}, "tag_ids": [tag]}
    )
    assert finished(api, api.create_tag_add_contact_activity(tagged)).status.items_total_count == 1
    assert finished(api, api.create_tag_remove_activity(tagged)).status.items_total_count == 1

    request = provider.CreateExportActivityRequest.from_dict(
        {"list_ids": [one], "fields": ["email_address", "first_name"]}
    )
    done = finished(api, api.create_export_activity(request))
    file_id = done.links.results.href.rsplit("/", 1)[1]
    rows = list(csv.reader(io.StringIO(api.get_csv_export_file(file_id))))
    assert rows == [["Email address", "First name"], ["a@example.com", ""], ["b@example.com", ""]]

    deleted = provider.CreateDeleteActivityRequest.from_dict({"contact_ids": ids})
    assert finished(api, api.create_delete_activity(deleted)).status.items_completed_count == 2
    tags = provider.CreateTagDeleteActivityRequest(tag_ids=[tag])
    assert finished(api, api.create_tag_delete_activity(tags)).status.items_total_count == 1
    lists = provider.CreateListDeleteActivityRequest(list_ids=[two])
    assert finished(api, api.create_list_delete_activity(lists)).status.list_count == 1
    fields = provider.PostCustomFieldDeleteRequest.model_construct(custom_field_ids=[field])
    finished(api, api.post_custom_field_delete(fields))
    assert sandbox.custom_fields == ()
    page = api.get_all_activities(limit=2, state="completed")
    assert len(page.activities) == 2
    assert page.links.next.href.startswith("/v3/activities?cursor=")


def drive_account(client: provider.ApiClient, sandbox: Sandbox) -> None:
    api = provider.AccountServicesApi(client)
    details = api.get_account_details(extra_fields="physical_address")
    assert details.encoded_account_id == "a00example000"
    assert details.physical_address.city == "Waltham"
    changed = api.update_account(provider.UpdateAccountRequest(organization_name="New Shop"))
    assert changed.organization_name == "New Shop"
    assert api.get_account_details().first_name == "Lola"
    names = {item.privilege_name for item in api.get_user_privileges()}
    assert {"contacts:read", "contacts:write", "contacts:lists:read"} <= names


def drive_refusals(client: provider.ApiClient, sandbox: Sandbox) -> None:
    api = provider.ContactsApi(client)
    with pytest.raises(provider.exceptions.NotFoundException):
        api.get_contact_by_id(UNKNOWN_ID)
    sandbox.rights.scopes.discard("contact_data")
    with pytest.raises(provider.exceptions.ForbiddenException):
        api.get_all_contacts()
    sandbox.rights.is_token_expired = True
    with pytest.raises(provider.exceptions.UnauthorizedException):
        api.get_all_contacts()


@pytest.mark.parametrize(
    "drive",
    [
        drive_contacts, drive_text_messages, drive_lists, drive_fields, drive_tags, drive_imports,
        drive_activities, drive_account, drive_refusals,
    ],
)  # fmt: skip
async def test_the_providers_client_works_unchanged(
    server: tuple[Sandbox, SandboxServer], client: provider.ApiClient, drive: Drive
) -> None:
    """Every reply parses into its types, with the documented meaning."""
    with anyio.fail_after(30):
        await anyio.to_thread.run_sync(drive, client, server[0])
