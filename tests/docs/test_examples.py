"""The example files do what they are there for."""

from __future__ import annotations

from pathlib import Path

from cc_async.sources import Rejection, Row, Rules, open_source

EXAMPLES = Path(__file__).parents[2] / "examples"


async def read(name: str) -> list[Row | Rejection]:
    """Return all rows of an example."""
    source = open_source(EXAMPLES / name)
    return [row async for rows in source.read(Rules()) for row in rows]


async def test_all_example_contacts_are_good_and_different() -> None:
    """The first import of a newcomer goes through in any account, with invented addresses."""
    for name, count in (("contacts.csv", 500), ("contacts.jsonl", 12)):
        rows = await read(name)
        assert len(rows) == count
        assert all(isinstance(row, Row) for row in rows)
        identities = {row.identity for row in rows if isinstance(row, Row)}
        assert len(identities) == count
        domains = {identity.partition("@")[2] for identity in identities}
        assert domains <= {"example.com", "example.org", "example.net"}
        assert not any("cf:" in key for row in rows if isinstance(row, Row) for key in row.values)


async def test_every_problem_of_the_example_is_told_and_the_good_rows_pass() -> None:
    """The example has each kind of rejection among good rows."""
    rows = await read("contacts-with-problems.csv")
    rejected = [row for row in rows if isinstance(row, Rejection)]
    assert len(rows) - len(rejected) == 4
    assert len({row.reason for row in rejected}) == len(rejected) - 1  # the same for both birthdays
    good = [row.values["last_name"] for row in rows if isinstance(row, Row)]
    assert good == ["Row", "With Comma", "Good", "Twice: The Last Row Wins"]
