"""The file of a sandbox's account: read after a restart, refused in another format."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from cc_async.errors import StoreCorruptError, StoredFormatError, StoreLockedError
from cc_async.sandbox import Sandbox, SandboxSettings
from tests.support.sandbox_calls import AUTH, Caller, ManualClock

SAMPLE = Path(__file__).parents[1] / "samples/sandbox_account.json"
SETTINGS = SandboxSettings(
    per_second=1_000_000, custom_fields=["Vehicle"], activity_seconds=10, consent="allowed", seed=1
)


def open_caller(path: Path, clock: ManualClock) -> Caller:
    """Open the account in a file."""
    return Caller(Sandbox(SETTINGS, clock=clock, state_file=path))


def test_an_account_is_there_again(tmp_path: Path) -> None:
    """Contacts with all they have, lists, fields, tags, limits and the time survive a restart."""
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


@pytest.mark.looptime
async def test_a_serving_sandbox_saves_every_minute(tmp_path: Path) -> None:
    """A killed sandbox loses what changed in the last minute, and nothing more."""
    path, clock = tmp_path / "state.json", ManualClock()
    caller = open_caller(path, clock)
    async with caller.sandbox.serve():
        caller.sign_up("a@example.com")
        await asyncio.sleep(61)
        caller.sign_up("late@example.com")
        kept = orjson.loads(path.read_bytes())
    assert len(kept["contacts"]["rows"]) == 1
    caller.sandbox.close()
    assert len(orjson.loads(path.read_bytes())["contacts"]["rows"]) == 2


@pytest.mark.looptime
async def test_an_unchanged_account_is_not_written_again(tmp_path: Path) -> None:
    """The file keeps its time while nothing changes."""
    path, clock = tmp_path / "state.json", ManualClock()
    sandbox = open_caller(path, clock).sandbox
    before = path.stat()
    async with sandbox.serve():
        await asyncio.sleep(200)
    sandbox.close()
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.looptime
async def test_a_full_disk_does_not_stop_a_serving_sandbox(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It warns, leaves the last file whole, and saves a minute later."""
    path = tmp_path / "state.json"
    caller = open_caller(path, ManualClock())
    before = path.read_bytes()
    async with caller.sandbox.serve():
        caller.sign_up("a@example.com")
        with monkeypatch.context() as full:
            full.setattr(os, "fsync", _no_space)
            await asyncio.sleep(61)
        assert "No space left" in caplog.text
        assert path.read_bytes() == before
        assert sorted(one.name for one in tmp_path.iterdir()) == ["state.json", "state.json.lock"]
        await asyncio.sleep(61)
        assert path.read_bytes() != before
    caller.sandbox.close()


def _no_space(number: int) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_job_at_work_goes_on_after_a_restart(tmp_path: Path) -> None:
    """Same id, same end, counters of the whole; a finished one stays as it was."""
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


def test_a_sign_in_survives(tmp_path: Path) -> None:
    """Access and refresh tokens, and the memory of those that were used."""
    path, clock = tmp_path / "state.json", ManualClock()
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
    path, clock = tmp_path / "state.json", ManualClock()
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
    path = tmp_path / "state.json"
    first = Sandbox(state_file=path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(StoreLockedError, match="in use"):
        Sandbox(state_file=path)
    first.close()
    Sandbox(state_file=path).close()


@pytest.mark.parametrize("content", [b"email,first_name\n" * 100, b"[1, 2]", b'{"format": 1}'])
def test_another_kind_of_file_is_left_alone(tmp_path: Path, content: bytes) -> None:
    """The error names the file, and the file stays as it was."""
    path = tmp_path / "state.json"
    path.write_bytes(content)
    for _ in range(2):  # the first refusal does not keep the file locked
        with pytest.raises(StoreCorruptError, match=r"state\.json holds no sandbox account"):
            Sandbox(state_file=path)
    assert path.read_bytes() == content


def _write_sqlite(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 1")
        db.execute("CREATE TABLE contact (number INTEGER PRIMARY KEY, data BLOB NOT NULL)")


def _write_unversioned(path: Path) -> None:
    snapshot = orjson.loads(SAMPLE.read_bytes())
    del snapshot["format"]
    path.write_bytes(orjson.dumps(snapshot))


def _write_newer(path: Path) -> None:
    path.write_bytes(orjson.dumps({**orjson.loads(SAMPLE.read_bytes()), "format": 2}))


@pytest.mark.parametrize(
    ("write", "found"),
    [
        (_write_sqlite, "no version"),
        (_write_unversioned, "no version"),
        (_write_newer, "version 2"),
    ],
)
def test_a_file_of_another_format_is_refused(
    tmp_path: Path, write: Callable[[Path], None], found: str
) -> None:
    """The error says which version the file has and what to do; the file stays as it was."""
    path = tmp_path / "state.json"
    write(path)
    before = path.read_bytes()
    with pytest.raises(
        StoredFormatError, match=rf"state\.json has {found}, .* reads version 1"
    ) as e:
        Sandbox(state_file=path)
    assert "Name another file" in e.value.hint
    assert path.read_bytes() == before


def test_the_sample_of_the_format_is_read(tmp_path: Path) -> None:
    """A file of format 1 is read as long as the format has this version."""
    path = tmp_path / "state.json"
    path.write_bytes(SAMPLE.read_bytes())
    sandbox = Sandbox(SETTINGS, clock=ManualClock(), state_file=path)
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
    """A change of what is written shows as a difference to the sample."""
    path = tmp_path / "state.json"
    path.write_bytes(SAMPLE.read_bytes())
    Sandbox(SETTINGS, clock=ManualClock(), state_file=path).close()
    sample, written = (orjson.loads(one.read_bytes()) for one in (SAMPLE, path))
    assert written == sample


async def test_a_big_account_is_written_and_read(tmp_path: Path) -> None:
    """All 5,000 contacts of an import are there after a restart."""
    clock = ManualClock()
    sandbox = Sandbox(SETTINGS, clock=clock, state_file=tmp_path / "state.json")
    rows = [{"email": f"p{number}@example.com"} for number in range(5_000)]
    body = orjson.dumps({"import_data": rows, "list_ids": [sandbox.contact_lists[0].list_id]})
    headers = {**AUTH, "Content-Type": "application/json"}
    await sandbox.respond("POST", "/v3/activities/contacts_json_import", "", headers, body)
    clock.now += 10
    await sandbox.respond("GET", "/v3/activities", "", AUTH)
    sandbox.close()
    sandbox = Sandbox(SETTINGS, clock=clock, state_file=tmp_path / "state.json")
    assert sandbox.contact_count == 5_000
    sandbox.close()
