"""Bulk imports in the sandbox: what is stored, what is counted, what is dropped in silence."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from tests.support.sandbox_calls import Caller, make_caller


def counts(caller: Caller, activity_id: str) -> dict[str, int]:
    """Return the counters of a finished import."""
    said = caller.finished(activity_id)
    assert said["state"] == "completed"
    return dict(said["status"])


def status(total: int, persons: int, **others: int) -> dict[str, int]:
    """Return the counters of an import, nothing wrong unless told."""
    names = ("error_count", "correctable_count", "cannot_add_to_list_count")
    return {
        "items_total_count": total,
        "person_count": persons,
        **{name: others.get(name, 0) for name in names},
    }


def csv_import(caller: Caller, text: str | bytes, **options: Any) -> str:
    """Import a file and return the activity's id."""
    code, said = caller.import_csv(text, **options)
    assert code == 201, said
    return str(said["activity_id"])


def test_an_import_answers_at_once_and_works_later() -> None:
    """201 with an activity that has no counters yet; people come in as time passes."""
    caller = make_caller()
    code, said = caller.import_csv("email,first_name\r\na@example.com,Ana\r\n")
    assert code == 201
    assert (said["state"], said["percent_done"], said["status"]) == ("initialized", 1, {})
    assert said["source_file_name"] == "contacts.csv"
    assert caller.sandbox.contacts == ()
    assert counts(caller, said["activity_id"]) == status(2, 1)
    contact = caller.sandbox.find_contact("a@example.com")
    assert contact is not None
    assert contact.email_address is not None
    assert contact.email_address.permission_to_send == "implicit"
    assert (contact.first_name, contact.list_memberships) == ("Ana", (caller.list_id,))
    assert contact.create_source == "Account"


def test_an_import_is_seen_at_work() -> None:
    """In the middle it is processing, partly done, and some people are there."""
    caller = make_caller(activity_seconds=100)
    activity = caller.import_rows([{"email": f"p{n}@example.com"} for n in range(100)])
    caller.sandbox.clock.advance(62.5)
    said = caller.get(f"/activities/{activity}")
    assert (said["state"], said["percent_done"]) == ("processing", 50)
    assert said["status"] == {"items_total_count": 100}
    assert len(caller.sandbox.contacts) == 50
    assert "completed_at" not in said


def test_known_people_keep_what_is_not_supplied_and_their_permission() -> None:
    """An import sets values; it changes no permission and no value that it does not hold."""
    caller = make_caller(lists=("Newsletter", "Spring fair"))
    spring = caller.sandbox.contact_lists[1].list_id
    caller.sandbox.add_contact(
        "Ana@example.com", lists=(spring,), permission="explicit", first_name="Ana", job_title="CEO"
    )
    csv_import(caller, "email,first_name,job_title\nana@example.com,Anna,\n")
    caller.sandbox.clock.advance(1)
    contact = caller.sandbox.contacts[0]
    assert len(caller.sandbox.contacts) == 1
    assert (contact.first_name, contact.job_title) == ("Anna", "CEO")
    assert contact.email_address is not None
    assert contact.email_address.permission_to_send == "explicit"
    assert contact.list_memberships == (spring, caller.list_id)


def test_blank_cells_erase_where_the_settings_say_so() -> None:
    """What a blank cell does is not documented, so it is a switch."""
    caller = make_caller(blank_cells="erased")
    caller.sandbox.add_contact("a@example.com", job_title="CEO")
    csv_import(caller, "email,job_title\na@example.com,\n")
    caller.sandbox.clock.advance(1)
    assert caller.sandbox.contacts[0].job_title is None


def test_unsubscribed_people_are_updated_but_kept_off_the_lists() -> None:
    """They are counted, so that somebody notices."""
    caller = make_caller()
    caller.sandbox.add_contact("a@example.com", permission="unsubscribed")
    activity = caller.import_rows([{"email": "a@example.com", "first_name": "Ana"}])
    assert counts(caller, activity) == status(2, 1, cannot_add_to_list_count=1)
    contact = caller.sandbox.contacts[0]
    assert (contact.first_name, contact.list_memberships) == ("Ana", ())


def test_nobody_is_on_more_than_fifty_lists() -> None:
    """What goes beyond is left out in silence."""
    caller = make_caller(lists=[f"List {number}" for number in range(60)])
    ids = [one.list_id for one in caller.sandbox.contact_lists]
    for part in (ids[:40], ids[40:]):
        caller.import_rows([{"email": "a@example.com"}], *part)
    caller.sandbox.clock.advance(1)
    assert caller.sandbox.contacts[0].list_memberships == tuple(ids[:50])


def test_deleted_people_are_revived() -> None:
    """Being put on a list revives."""
    caller = make_caller()
    caller.sandbox.add_contact("a@example.com", is_deleted=True)
    caller.import_rows([{"email": "a@example.com"}])
    caller.sandbox.clock.advance(1)
    assert not caller.sandbox.contacts[0].is_deleted


@pytest.mark.parametrize(
    ("row", "counter"),
    [
        ({"email": "nobody"}, "correctable_count"),
        ({"first_name": "Ana"}, "correctable_count"),
        ({"email": "a@example.com", "birthday_month": 2}, "correctable_count"),
        ({"email": "a@example.com", "birthday_month": 2, "birthday_day": 30}, "correctable_count"),
        ({"email": "a@example.com", "anniversary": "soon"}, "correctable_count"),
        ({"sms_number": "12"}, "correctable_count"),
        ({"email": "a@example.com", "first_name": "x" * 51}, "error_count"),
        ({"email": "a@example.com", "cf:vehicle": "x" * 256}, "error_count"),
    ],
)
def test_faulty_rows_are_counted_and_left_out(row: dict[str, Any], counter: str) -> None:
    """Only a counter tells; the good row beside the bad one is stored."""
    caller = make_caller(custom_fields=("Vehicle",))
    activity = caller.import_rows([row, {"email": "good@example.com"}])
    assert counts(caller, activity) == status(3, 2, **{counter: 1})
    assert caller.sandbox.members(caller.list_id) == ("good@example.com",)


def test_people_may_be_counted_as_stored() -> None:
    """Whether person_count means read or stored is not known, so it is a switch."""
    caller = make_caller(person_count="stored")
    activity = caller.import_rows([{"email": "nobody"}, {"email": "good@example.com"}])
    assert counts(caller, activity) == status(3, 1, correctable_count=1)


@pytest.mark.parametrize(
    ("duplicates", "name", "errors"),
    [("last", "Last", 0), ("first", "First", 0), ("refused", "First", 1)],
)
def test_an_address_that_comes_twice(duplicates: str, name: str, errors: int) -> None:
    """Which row wins is not documented, so it is a switch; letter case does not count."""
    caller = make_caller(duplicates=duplicates)
    text = "email,first_name\na@example.com,First\nA@EXAMPLE.com,Last\n"
    assert counts(caller, csv_import(caller, text)) == status(3, 2, error_count=errors)
    assert [one.first_name for one in caller.sandbox.contacts] == [name]


def test_lines_past_the_limit_are_dropped_in_silence() -> None:
    """The heading counts as a line; the answer is the same 201."""
    caller = make_caller(max_lines=4)
    text = "email\n" + "".join(f"p{n}@example.com\n" for n in range(5))
    assert counts(caller, csv_import(caller, text)) == status(4, 3)
    activity = caller.import_rows([{"email": f"q{n}@example.com"} for n in range(6)])
    assert counts(caller, activity) == status(5, 4)


def test_a_line_break_inside_a_value_counts_as_a_line() -> None:
    """Lines are counted as they stand in the file."""
    caller = make_caller(max_lines=4)
    text = 'email,first_name\na@example.com,"A\nn\na"\nb@example.com,B\n'
    assert counts(caller, csv_import(caller, text)) == status(2, 1)


def test_a_body_is_cut_at_its_limit_in_silence() -> None:
    """Bytes past the limit, framing counted, are as if never sent; the row they cut is spoilt."""
    caller = make_caller(max_bytes=1_000)
    rows = "".join(f"person-{n:04d}@example.com\r\n" for n in range(100))
    said = counts(caller, csv_import(caller, "email\r\n" + rows))
    stored = caller.sandbox.members(caller.list_id)
    assert 20 < len(stored) < 40
    assert said["person_count"] - len(stored) == said["correctable_count"] <= 1
    assert stored[0] == "person-0000@example.com"


def test_a_json_body_is_cut_after_the_last_whole_contact() -> None:
    """The lists behind the cut still count, the contacts behind it do not."""
    caller = make_caller(max_bytes=1_000)
    rows = [{"email": f"person-{n:04d}@example.com", "first_name": "}{"} for n in range(100)]
    said = counts(caller, caller.import_rows(rows))
    assert said["person_count"] == len(caller.sandbox.contacts)
    assert 10 < said["person_count"] < 20


def test_custom_fields_go_by_name_and_unknown_headings_are_passed_over() -> None:
    """`cf:` takes the name the service made, not the label."""
    caller = make_caller(custom_fields=("My Vehicle",))
    text = "email,cf:my_vehicle,cf:My Vehicle,home_phone,shoe\na@example.com,Bike,x,555,9\n"
    assert counts(caller, csv_import(caller, text)) == status(2, 1)
    contact = caller.sandbox.contacts[0]
    assert [one.value for one in contact.custom_fields or ()] == ["Bike"]
    assert contact.phone_numbers == ()


def test_json_has_phones_and_addresses_that_files_have_not() -> None:
    """Five phone keys and four address families, at most three of each stored."""
    caller = make_caller()
    caller.import_rows(
        [
            {
                "email": "a@example.com",
                "phone": "1", "home_phone": "2", "work_phone": "3", "mobile_phone": "4",
                "street": "Road 1", "street2": "Flat 2", "state": "IL",
                "work_city": "Paris", "other_zip": "1", "home country": "US",
            }
        ]
    )  # fmt: skip
    caller.sandbox.clock.advance(1)
    contact = caller.sandbox.contacts[0]
    assert [(one.kind, one.phone_number) for one in contact.phone_numbers or ()] == [
        ("other", "1"), ("home", "2"), ("work", "3"),
    ]  # fmt: skip
    homes = {one.kind: one for one in contact.street_addresses or ()}
    assert set(homes) == {"home", "work", "other"}
    assert homes["work"].city == "Paris"


def test_text_message_numbers_need_a_date_to_be_explicit() -> None:
    """Without sms_consent_date the permission is not_set, whatever the import says."""
    caller = make_caller()
    rows = [
        {"sms_number": "123-123-1234", "sms_consent_date": "2024-07-03"},
        {"sms_number": "1231231235"},
    ]
    body = {
        "import_data": rows,
        "list_ids": [caller.list_id],
        "sms_permission_to_send": "explicit",
    }
    assert caller.call("POST", "/activities/contacts_json_import", body)[0] == 201
    caller.sandbox.clock.advance(1)
    said = [
        one.sms_channel.sms_channel_consents[0].sms_consent_permission
        for one in caller.sandbox.contacts
        if one.sms_channel and one.sms_channel.sms_channel_consents
    ]
    assert said == ["explicit", "not_set"]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("name\nAna\n", "The file has neither a column email nor a column sms_number."),
        (b"email\n\xff\xfe\n", "The file could not be read."),
        ("", "The file has neither a column email nor a column sms_number."),
    ],
)
def test_a_file_that_cannot_be_read_fails_later(text: str | bytes, error: str) -> None:
    """The upload is accepted; the activity fails and says why."""
    caller = make_caller()
    said = caller.finished(csv_import(caller, text))
    assert (said["state"], said["activity_errors"]) == ("failed", [error])
    assert "completed_at" not in said


def test_unknown_headings_fail_where_the_settings_say_so() -> None:
    """The strict reading of an undocumented rule."""
    caller = make_caller(unknown_headings="failed")
    said = caller.finished(csv_import(caller, "email,shoe\na@example.com,9\n"))
    assert said["state"] == "failed"


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
def test_what_is_wrong_with_the_form_is_said_at_once(
    name: str, lists: str | None, code: int
) -> None:
    """File kind and lists are looked at before anything is queued."""
    caller = make_caller()
    assert caller.import_csv("email\na@example.com\n", name=name, lists=lists)[0] == code
    assert len(caller.sandbox.activities) == (code == 201)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"{}"),
        ("multipart/form-data", b"--edge--"),
        ("multipart/form-data; boundary=edge", b"email\na@example.com"),
        ("multipart/form-data; boundary=edge", b""),
        ("multipart/form-data; boundary=edge", b"--edge\r\n[]--edge--\r\n"),
    ],
)
def test_a_form_without_its_boundary_is_refused(content_type: str, body: bytes) -> None:
    """415 in the words of the documented one."""
    reply = make_caller().send(
        "POST", "/activities/contacts_file_import", body, {"Content-Type": content_type}
    )
    message = "Wrong file format, upload file must be of type .csv"
    assert reply.status == 415
    assert orjson.loads(reply.body)[0]["error_message"] in {message, "Unsupported Media Type"}


def test_lists_may_come_in_one_part_or_in_several() -> None:
    """Comma-joined as working code sends them, or repeated as older contracts said."""
    caller = make_caller(lists=("One", "Two"))
    one, two = (item.list_id for item in caller.sandbox.contact_lists)
    csv_import(caller, "email\na@example.com\n", lists=f"{one},{two}")
    part = 'Content-Disposition: form-data; name="list_ids"'
    repeated = f"{one}\r\n--edge\r\n{part}\r\n\r\n{two}"
    csv_import(caller, "email\nb@example.com\n", lists=repeated)
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
    """400 at once where the shape is wrong."""
    caller = make_caller()
    text = orjson.dumps(body).replace(b"LIST", caller.list_id.encode())
    headers = {"Content-Type": "application/json"}
    assert caller.send("POST", "/activities/contacts_json_import", text, headers).status == 400


@pytest.mark.parametrize("choice", ["echoed", "mangled", "missing"])
def test_the_file_name_comes_back_as_the_settings_say(choice: str) -> None:
    """Nobody knows whether it does, so it is a switch."""
    caller = make_caller(source_file_name=choice)
    said = caller.import_csv("email\na@example.com\n", name="chunk-1.csv")[1]
    shown = said.get("source_file_name")
    assert {"echoed": shown == "chunk-1.csv", "missing": shown is None}.get(
        choice, shown not in {None, "chunk-1.csv"}
    )
