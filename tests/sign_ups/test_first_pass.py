"""The first pass over a file: what it counts, and that nothing is sent if it fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from cc_async import SignUpOptions
from cc_async.errors import InputError
from cc_async.sign_ups._first_pass import FirstPass, make_first_pass
from cc_async.sign_ups._places import PlaceSet
from cc_async.sources import Row, Rules, open_source
from tests.support.people import client_of, open_sandbox

RULES = Rules(target="sign_up")


def finished(*places: int) -> PlaceSet:
    found = PlaceSet()
    for place in places:
        found.add(place)
    return found


def first_pass(*identities: str, done: PlaceSet, suppress: tuple[str, ...] = ()) -> FirstPass:
    """Return the first pass over rows below a heading."""
    found = FirstPass()
    for place, identity in enumerate(identities, 1):
        found.add(Row(place + 1, identity, {"email": identity}), place, done, suppress)
    return found


def test_rows_with_an_outcome_and_suppressed_rows_are_not_counted() -> None:
    """People to be sent are those without an outcome who are not in the caller's list."""
    found = first_pass("a", "b", "c", "b", done=finished(1), suppress=("b",))
    assert found.people == 1
    assert [(each.place, each.line, each.reason) for each in found.suppressed] == [
        (2, 3, "in your list"), (4, 5, "in your list"),
    ]  # fmt: skip


def test_a_row_is_overtaken_by_a_later_one_of_its_address_that_has_an_outcome() -> None:
    """Only earlier rows of an address are overtaken; rows after the last outcome are not."""
    found = first_pass("a", "b", "a", "a", "b", done=finished(3))
    assert found.overtaken == {1}


async def test_a_source_that_can_be_read_once_is_left_alone() -> None:
    """Of an iterable nothing is read, so the number of people is unknown."""
    rows = iter([{"email": "a@example.com"}])
    found = await make_first_pass(open_source(rows), RULES, finished(), ())
    assert found.people is None
    assert len(list(rows)) == 1


async def test_nothing_of_an_unreadable_file_is_sent(tmp_path: Path) -> None:
    """A file that cannot be read to its end is refused before the first sign-up."""
    people = tmp_path / "people.csv"
    people.write_text("Email,First Name\n" + "a@example.com,A\n" * 2000 + 'b@example.com,"B\n')
    sandbox = open_sandbox()
    async with client_of(sandbox) as cc:
        with pytest.raises(InputError):
            async with cc.bulk.sign_up(
                people,
                lists=["Newsletter"],
                consent="explicit",
                options=SignUpOptions(protect=()),
            ) as outcomes:
                await anext(outcomes)
    assert "POST" not in {entry.method for entry in sandbox.received}


@pytest.mark.looptime
@pytest.mark.parametrize("kind", [list, tuple])
async def test_a_list_with_an_unknown_key_at_its_end_is_refused_whole(kind: type) -> None:
    """What is in memory already is read to its end before a person is sent, like a file."""
    people = kind([{"email": f"p{number}@example.com"} for number in range(600)])
    people += kind([{"email": "last@example.com", "shoe size": "44"}])
    sandbox = open_sandbox()
    async with client_of(sandbox) as cc:
        with pytest.raises(InputError, match="no column"):
            async with cc.bulk.sign_up(people, lists=["Newsletter"], consent="explicit") as found:
                async for _ in found:
                    pass
    assert not [entry for entry in sandbox.received if entry.method == "POST"]
