"""The sandbox's account in a file: there again after a restart, and nobody else's."""

from __future__ import annotations

import contextlib
import sqlite3
import stat
from pathlib import Path

import orjson
import pytest

from cc_async.errors import StoreCorruptError, StoreLockedError
from cc_async.sandbox import Sandbox, SandboxSettings
from tests.support.sandbox_calls import AUTH, Caller, ManualClock

SETTINGS = SandboxSettings(
    per_second=1_000_000, custom_fields=["Vehicle"], activity_seconds=10, consent="allowed", seed=1
)


def open_caller(path: Path, clock: ManualClock) -> Caller:
    """Open the account in a file."""
    return Caller(Sandbox(SETTINGS, clock=clock, state_file=path))


def test_an_account_is_there_again(tmp_path: Path) -> None:
    """Contacts with all they have, lists, fields, tags, limits and the time survive a restart."""
    path, clock = tmp_path / "state.db", ManualClock()
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


def test_what_a_killed_sandbox_had_answered_is_there(tmp_path: Path) -> None:
    """Written after every request, not only at the end."""
    path, clock = tmp_path / "state.db", ManualClock()
    caller = open_caller(path, clock)
    assert caller.sign_up("a@example.com")[0] == 201
    caller.sandbox._file._db.close()  # type: ignore[union-attr]  # as if the process had died
    again = open_caller(path, clock)
    assert again.sign_up("a@example.com")[1]["action"] == "updated"
    again.sandbox.close()


def test_a_job_at_work_goes_on_after_a_restart(tmp_path: Path) -> None:
    """Same id, same end, counters of the whole; a finished one stays as it was."""
    path, clock = tmp_path / "state.db", ManualClock()
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


def test_a_sign_in_survives(tmp_path: Path) -> None:
    """Access and refresh tokens, and the memory of those that were used."""
    path, clock = tmp_path / "state.db", ManualClock()
    sandbox = Sandbox(SETTINGS, clock=clock, state_file=path)
    pair = sandbox.state.grants.start(
        "sandbox-client", frozenset({"contact_data", "offline_access"}), clock()
    )
    assert pair.refresh_token is not None
    sandbox.close()
    sandbox = Sandbox(SETTINGS, clock=clock, state_file=path)
    headers = {"authorization": f"Bearer {pair.access_token}"}
    assert sandbox.answer("GET", "/v3/contacts", "", headers).status == 200
    grants = sandbox.state.grants
    assert grants.refresh(pair.refresh_token, "sandbox-client", clock()) is not None
    assert grants.refresh(pair.refresh_token, "sandbox-client", clock()) is None
    sandbox.close()


def test_a_reset_empties_the_file_too(tmp_path: Path) -> None:
    """What is gone is gone after a restart as well."""
    path, clock = tmp_path / "state.db", ManualClock()
    caller = open_caller(path, clock)
    caller.sign_up("a@example.com")
    caller.sandbox.reset()
    caller.sandbox.close()
    again = open_caller(path, clock)
    assert again.sandbox.contacts == ()
    assert len(again.sandbox.contact_lists) == 1
    again.sandbox.close()


def test_a_file_belongs_to_one_sandbox_and_one_user(tmp_path: Path) -> None:
    """A second one is refused; nobody else on the machine may read it."""
    path = tmp_path / "state.db"
    first = Sandbox(state_file=path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(StoreLockedError, match="in use"):
        Sandbox(state_file=path)
    first.close()
    Sandbox(state_file=path).close()


def test_another_kind_of_file_is_left_alone(tmp_path: Path) -> None:
    """An error that names the file, and the file as it was."""
    path = tmp_path / "state.db"
    path.write_text("email,first_name\n" * 100)
    with pytest.raises(StoreCorruptError, match=r"state\.db"):
        Sandbox(state_file=path)
    assert path.read_text().startswith("email,first_name")


def test_a_file_of_another_version_is_left_alone(tmp_path: Path) -> None:
    """Rather than read wrongly."""
    path = tmp_path / "state.db"
    Sandbox(state_file=path).close()
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreCorruptError, match="another version"):
        Sandbox(state_file=path)


async def test_a_big_import_is_written_slice_by_slice(tmp_path: Path) -> None:
    """All of it is there after a restart."""
    clock = ManualClock()
    sandbox = Sandbox(SETTINGS, clock=clock, state_file=tmp_path / "state.db")
    rows = [{"email": f"p{number}@example.com"} for number in range(5_000)]
    body = orjson.dumps({"import_data": rows, "list_ids": [sandbox.contact_lists[0].list_id]})
    headers = {**AUTH, "Content-Type": "application/json"}
    await sandbox.respond("POST", "/v3/activities/contacts_json_import", "", headers, body)
    clock.now += 10
    await sandbox.respond("GET", "/v3/activities", "", AUTH)
    sandbox.close()
    sandbox = Sandbox(SETTINGS, clock=clock, state_file=tmp_path / "state.db")
    assert sandbox.contact_count == 5_000
    sandbox.close()
