"""Bulk imports read files and JSON up to the service's limits."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from tests.support.sandbox_calls import counters, counters_of, import_file, make_caller


def test_an_import_answers_at_once_and_works_later() -> None:
    """The reply is 201 without counters; contacts come in as time passes."""
    caller = make_caller()
    code, payload = caller.import_csv("email,first_name\r\na@example.com,Ana\r\n")
    assert code == 201
    assert (payload["state"], payload["percent_done"], payload["status"]) == ("initialized", 1, {})
    assert payload["source_file_name"] == "contacts.csv"
    assert caller.sandbox.contacts == ()
    assert counters_of(caller, payload["activity_id"]) == counters(2, 1)
    contact = caller.sandbox.find_contact("a@example.com")
    assert contact is not None
    assert contact.email_address is not None
    assert contact.email_address.permission_to_send == "implicit"
    assert (contact.first_name, contact.list_memberships) == ("Ana", (caller.list_id,))
    assert contact.create_source == "Account"


def test_an_import_shows_its_progress() -> None:
    """Halfway it is processing, with half of its contacts stored."""
    caller = make_caller(activity_seconds=100)
    activity = caller.import_rows([{"email": f"p{n}@example.com"} for n in range(100)])
    caller.sandbox.clock.advance(62.5)
    payload = caller.get(f"/activities/{activity}")
    assert (payload["state"], payload["percent_done"]) == ("processing", 50)
    assert payload["status"] == {"items_total_count": 100}
    assert len(caller.sandbox.contacts) == 50
    assert "completed_at" not in payload


def test_contacts_may_be_counted_as_stored() -> None:
    """It is not known whether person_count means read or stored, so it is a switch."""
    caller = make_caller(person_count="stored")
    activity = caller.import_rows([{"email": "nobody"}, {"email": "good@example.com"}])
    assert counters_of(caller, activity) == counters(3, 1, correctable_count=1)


@pytest.mark.parametrize(
    ("duplicates", "name", "errors"),
    [("last", "Last", 0), ("first", "First", 0), ("refused", "First", 1)],
)
def test_an_address_that_comes_twice(duplicates: str, name: str, errors: int) -> None:
    """The row that wins is not documented, so it is a switch; letter case does not count."""
    caller = make_caller(duplicates=duplicates)
    text = "email,first_name\na@example.com,First\nA@EXAMPLE.com,Last\n"
    assert counters_of(caller, import_file(caller, text)) == counters(3, 2, error_count=errors)
    assert [one.first_name for one in caller.sandbox.contacts] == [name]


def test_lines_past_the_limit_are_dropped_silently() -> None:
    """The heading counts as a line; the reply is the same 201."""
    caller = make_caller(max_lines=4)
    text = "email\n" + "".join(f"p{n}@example.com\n" for n in range(5))
    assert counters_of(caller, import_file(caller, text)) == counters(4, 3)
    activity = caller.import_rows([{"email": f"q{n}@example.com"} for n in range(6)])
    assert counters_of(caller, activity) == counters(5, 4)


def test_a_line_break_inside_a_value_counts_as_a_line() -> None:
    """Lines are counted as they stand in the file."""
    caller = make_caller(max_lines=4)
    text = 'email,first_name\na@example.com,"A\nn\na"\nb@example.com,B\n'
    assert counters_of(caller, import_file(caller, text)) == counters(2, 1)


def test_a_body_is_cut_at_its_limit_silently() -> None:
    """Bytes past the limit are ignored, framing counted; the cut row is spoilt."""
    caller = make_caller(max_bytes=1_000)
    rows = "".join(f"person-{n:04d}@example.com\r\n" for n in range(100))
    payload = counters_of(caller, import_file(caller, "email\r\n" + rows))
    stored = caller.sandbox.members(caller.list_id)
    assert 20 < len(stored) < 40
    assert payload["person_count"] - len(stored) == payload["correctable_count"] <= 1
    assert stored[0] == "person-0000@example.com"


def test_a_json_body_is_cut_after_the_last_whole_contact() -> None:
    """Lists behind the cut still count; contacts behind it do not."""
    caller = make_caller(max_bytes=1_000)
    rows = [{"email": f"person-{n:04d}@example.com", "first_name": "}{"} for n in range(100)]
    payload = counters_of(caller, caller.import_rows(rows))
    assert payload["person_count"] == len(caller.sandbox.contacts)
    assert 10 < payload["person_count"] < 20


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("name\nAna\n", "The file has neither a column email nor a column sms_number."),
        (b"email\n\xff\xfe\n", "The file could not be read."),
        ("", "The file has neither a column email nor a column sms_number."),
    ],
)
def test_an_unreadable_file_fails_later(text: str | bytes, error: str) -> None:
    """The upload is accepted; the activity fails with the reason."""
    caller = make_caller()
    payload = caller.finished(import_file(caller, text))
    assert (payload["state"], payload["activity_errors"]) == ("failed", [error])
    assert "completed_at" not in payload


def test_unknown_headings_may_fail_an_import() -> None:
    """The strict reading of an undocumented rule is a switch."""
    caller = make_caller(unknown_headings="failed")
    payload = caller.finished(import_file(caller, "email,shoe\na@example.com,9\n"))
    assert payload["state"] == "failed"


@pytest.mark.parametrize(
    ("name", "lists", "code"),
    [
        ("contacts.txt", None, 415),
        ("CONTACTS.CSV", None, 201),
        ("contacts.csv", "", 400),
        ("contacts.csv", "no-uuid", 400),
        ("contacts.csv", "5e1f2f5c-7a10-11ef-9a0b-fa163e7b09ec", 404),
    ],
)
def test_an_invalid_form_is_refused_at_once(name: str, lists: str | None, code: int) -> None:
    """File kind and lists are checked before anything is queued."""
    caller = make_caller()
    assert caller.import_csv("email\na@example.com\n", name=name, lists=lists)[0] == code
    assert len(caller.sandbox.activities) == (code == 201)


def test_lists_may_come_in_one_part_or_in_several() -> None:
    """They are joined by commas, as working code sends them, or repeated, as in older contracts."""
    caller = make_caller(lists=("One", "Two"))
    one, two = (item.list_id for item in caller.sandbox.contact_lists)
    import_file(caller, "email\na@example.com\n", lists=f"{one},{two}")
    part = 'Content-Disposition: form-data; name="list_ids"'
    repeated = f"{one}\r\n--edge\r\n{part}\r\n\r\n{two}"
    import_file(caller, "email\nb@example.com\n", lists=repeated)
    caller.sandbox.clock.advance(1)
    assert caller.sandbox.members(two) == ("a@example.com", "b@example.com")


@pytest.mark.parametrize(
    "body",
    [
        {"list_ids": ["LIST"]},
        {"import_data": {"email": "a@example.com"}, "list_ids": ["LIST"]},
        {"import_data": ["a@example.com"], "list_ids": ["LIST"]},
        {"import_data": [{"email": "a@example.com"}]},
        {"import_data": [{"email": "a@example.com"}], "list_ids": []},
        {"import_data": [{"email": "a@example.com"}], "list_ids": "LIST"},
        {"import_data": [{"email": "a@example.com"}], "list_ids": [5]},
    ],
)
def test_a_json_import_needs_contacts_and_lists(body: dict[str, Any]) -> None:
    """The reply is 400 at once for a body of another shape."""
    caller = make_caller()
    text = orjson.dumps(body).replace(b"LIST", caller.list_id.encode())
    headers = {"Content-Type": "application/json"}
    assert caller.send("POST", "/activities/contacts_json_import", text, headers).status == 400


@pytest.mark.parametrize("choice", ["echoed", "mangled", "missing"])
def test_the_file_name_comes_back_as_the_settings_say(choice: str) -> None:
    """It is not known whether the service returns it, so it is a switch."""
    caller = make_caller(source_file_name=choice)
    payload = caller.import_csv("email\na@example.com\n", name="chunk-1.csv")[1]
    shown = payload.get("source_file_name")
    assert {"echoed": shown == "chunk-1.csv", "missing": shown is None}.get(
        choice, shown not in {None, "chunk-1.csv"}
    )


FEW = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@FEW
@given(data=st.binary(max_size=200), header=st.booleans())
def test_an_import_of_any_file_ends(data: bytes, header: bool) -> None:
    """It ends as failed or completed, never with an exception."""
    caller = make_caller()
    text = (b"email,first_name\r\n" if header else b"") + data
    status, payload = caller.import_csv(text)
    if status == 201:  # else the rubbish held the form's own boundary
        state = caller.finished(payload["activity_id"])["state"]
        assert state in {"completed", "failed"}
