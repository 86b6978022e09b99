"""An account is there again after a restart, with open activities and sign-ins."""

from __future__ import annotations

from pathlib import Path

import orjson

from cc_async.sandbox import Sandbox, SandboxSettings
from tests.support.sandbox_calls import AUTH, ManualClock, open_caller

SAMPLE = Path(__file__).parents[2] / "samples/sandbox_account.json"


def test_an_account_survives_a_restart(tmp_path: Path) -> None:
    """Contacts with all their parts, lists, fields, tags, limits and the time are restored."""
    path, clock = tmp_path / "state.json", ManualClock()
    caller = open_caller(path, clock)
    sandbox = caller.sandbox
    tag = sandbox.add_tag("gold").tag_id
    field = sandbox.custom_fields[0].custom_field_id
    body = {
        "email_address": {"address": "dlang@example.com"},
        "first_name": "Debora",
        "create_source": "Contact",
        "custom_fields": [{"custom_field_id": field, "value": "Bike"}],
        "phone_numbers": [{"phone_number": "555", "kind": "mobile"}],
        "street_addresses": [{"kind": "home", "state": "IL"}],
        "notes": [{"content": "Likes tea"}],
        "list_memberships": [caller.list_id],
        "taggings": [tag],
        "sms_channel": {
            "full_sms_address": "17815551212",
            "sms_channel_consents": [
                {"sms_consent_permission": "explicit", "consent_type": "promotional_sms"}
            ],
        },
    }
    assert caller.call("POST", "/contacts", body)[0] == 201
    caller.call("POST", "/contact_lists", {"name": "Friends"})
    sandbox.add_contact("gone@example.com", is_deleted=True)
    sandbox.clock.advance(60)
    before = (sandbox.contacts, sandbox.contact_lists, sandbox.custom_fields, sandbox.tags)
    used, now = sandbox.used_today, sandbox.clock()
    sandbox.close()

    again = open_caller(path, clock)
    kept = again.sandbox
    assert (kept.contacts, kept.contact_lists, kept.custom_fields, kept.tags) == before
    assert (kept.used_today, kept.clock()) == (used, now)
    assert again.call("POST", "/contacts", body)[0] == 409
    found = again.get("/contacts", lists=again.list_id, tags=tag, include="custom_fields")
    assert found["contacts"][0]["custom_fields"][0]["value"] == "Bike"
    kept.close()


def test_an_open_activity_goes_on_after_a_restart(tmp_path: Path) -> None:
    """It keeps its id and its end, and counts the whole; an ended one stays as it was."""
    path, clock = tmp_path / "state.json", ManualClock()
    caller = open_caller(path, clock)
    first = caller.import_csv("email\nfirst@example.com\n", name="first.csv")[1]["activity_id"]
    caller.finished(first)
    rows = [{"email": f"p{number}@example.com"} for number in range(100)]
    second = caller.import_rows(rows)
    third = caller.call("DELETE", f"/contact_lists/{caller.list_id}")[1]["activity_id"]
    clock.now += 6
    assert caller.get(f"/activities/{second}")["state"] == "processing"
    assert 1 < caller.sandbox.contact_count < 101
    before = caller.get(f"/activities/{first}")
    caller.sandbox.close()

    again = open_caller(path, clock)
    assert again.get(f"/activities/{first}") == before
    assert again.get(f"/activities/{second}")["state"] == "processing"
    clock.now += 5
    done = again.get(f"/activities/{second}")
    assert (done["state"], done["status"]["person_count"]) == ("completed", 100)
    assert again.sandbox.contact_count == 101
    assert again.get(f"/activities/{third}")["status"] == {"list_count": 1}
    assert [one["activity_id"] for one in again.get("/activities")["activities"]] == [
        third,
        second,
        first,
    ]
    again.sandbox.close()


def test_a_sign_in_survives_a_restart(tmp_path: Path) -> None:
    """Access and refresh tokens are restored, used-up ones too."""
    path, clock = tmp_path / "state.json", ManualClock()
    sandbox = open_caller(path, clock).sandbox
    pair = sandbox.state.grants.start(
        "sandbox-client", frozenset({"contact_data", "offline_access"}), clock()
    )
    assert pair.refresh_token is not None
    sandbox.close()
    sandbox = open_caller(path, clock).sandbox
    headers = {"authorization": f"Bearer {pair.access_token}"}
    assert sandbox.answer("GET", "/v3/contacts", "", headers).status == 200
    grants = sandbox.state.grants
    assert grants.refresh(pair.refresh_token, "sandbox-client", clock()) is not None
    assert grants.refresh(pair.refresh_token, "sandbox-client", clock()) is None
    sandbox.close()


def test_a_reset_empties_the_file_too(tmp_path: Path) -> None:
    """After a restart the account is still empty."""
    path, clock = tmp_path / "state.json", ManualClock()
    caller = open_caller(path, clock)
    caller.sign_up("a@example.com")
    caller.sandbox.reset()
    caller.sandbox.close()
    again = open_caller(path, clock)
    assert again.sandbox.contacts == ()
    assert len(again.sandbox.contact_lists) == 1
    again.sandbox.close()


def test_the_sample_of_the_format_is_read(tmp_path: Path) -> None:
    """A file of format 1 is read as long as the format has this version."""
    path = tmp_path / "state.json"
    path.write_bytes(SAMPLE.read_bytes())
    sandbox = open_caller(path, ManualClock()).sandbox
    person = sandbox.find_contact("dlang@example.com")
    assert person is not None
    assert (person.first_name, person.street_addresses[0].state) == ("Debora", "Illinois")
    assert person.phone_numbers[0].phone_number == "555"
    assert person.notes[0].content == "Likes tea"
    assert person.sms_channel is not None
    assert [one.name for one in sandbox.contact_lists] == ["Newsletter", "Friends"]
    assert [one.name for one in sandbox.tags] == ["gold"]
    assert [one.label for one in sandbox.custom_fields] == ["Vehicle"]
    assert [one.state for one in sandbox.activities] == ["completed", "processing"]
    assert sandbox.clock() == ManualClock().now + 16
    sandbox.clock.advance(10)
    assert [one.state for one in sandbox.activities] == ["completed", "completed"]
    assert sandbox.contact_count == 12
    sandbox.close()


def test_the_sample_holds_every_part_of_a_snapshot(tmp_path: Path) -> None:
    """A change of the written format shows as a difference to the sample."""
    path = tmp_path / "state.json"
    path.write_bytes(SAMPLE.read_bytes())
    Sandbox(SandboxSettings(activity_seconds=10), clock=ManualClock(), state_file=path).close()
    sample, written = (orjson.loads(one.read_bytes()) for one in (SAMPLE, path))
    for snapshot in (sample, written):
        contacts = snapshot["contacts"]
        columns = contacts.pop("columns")
        contacts["rows"] = [
            {name: value for name, value in zip(columns, row, strict=True) if value}
            for row in contacts["rows"]
        ]
    assert written == sample


def test_columns_of_contacts_are_read_by_their_names(tmp_path: Path) -> None:
    """A column that a file does not have is empty, so that a new property needs no new format."""
    path = tmp_path / "state.json"
    snapshot = orjson.loads(SAMPLE.read_bytes())
    columns = snapshot["contacts"]["columns"]
    place = columns.index("job_title")
    for values in (columns, *snapshot["contacts"]["rows"]):
        del values[place]
        values.reverse()
    path.write_bytes(orjson.dumps(snapshot))
    sandbox = open_caller(path, ManualClock()).sandbox
    person = sandbox.find_contact("dlang@example.com")
    assert person is not None
    assert (person.first_name, person.job_title) == ("Debora", None)
    sandbox.close()


async def test_a_big_account_is_written_and_read(tmp_path: Path) -> None:
    """All 5,000 contacts of an import are there after a restart."""
    clock = ManualClock()
    sandbox = open_caller(tmp_path / "state.json", clock).sandbox
    rows = [{"email": f"p{number}@example.com"} for number in range(5_000)]
    body = orjson.dumps({"import_data": rows, "list_ids": [sandbox.contact_lists[0].list_id]})
    headers = {**AUTH, "Content-Type": "application/json"}
    await sandbox.respond("POST", "/v3/activities/contacts_json_import", "", headers, body)
    clock.now += 10
    await sandbox.respond("GET", "/v3/activities", "", AUTH)
    sandbox.close()
    sandbox = open_caller(tmp_path / "state.json", clock).sandbox
    assert sandbox.contact_count == 5_000
    sandbox.close()


def test_all_accounts_survive_a_restart(tmp_path: Path) -> None:
    """Contacts of another account are restored in that account, even if no setting names it."""
    path = tmp_path / "state.json"
    settings = SandboxSettings(accounts={"second-token": "tim@example.com"})
    sandbox = Sandbox(settings, clock=ManualClock(), state_file=path)
    sandbox.account_of("tim@example.com").add_contact("a@example.com")
    token = sandbox.account_of("tim@example.com").make_token()
    sandbox.close()
    again = Sandbox(SandboxSettings(), clock=ManualClock(), state_file=path)
    assert again.contacts == ()
    assert again.account_of("tim@example.com").find_contact("a@example.com") is not None
    headers = {"authorization": f"Bearer {token}"}
    assert b"a@example.com" in again.answer("GET", "/v3/contacts", "", headers).body
    again.close()
