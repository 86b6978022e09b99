"""What the page about single calls shows is what there is."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import pytest

from cc_async import ConstantContact, SignUp
from tests.support.people import client_of, open_sandbox

PAGE = (Path(__file__).parents[2] / "docs" / "resources.md").read_text(encoding="utf-8")
NOUNS = ("contacts", "contact_lists", "custom_fields", "tags", "activities", "account")
FRAMES = {"submit_body"}
"""What stands on a frame of `cc_async.wire`, and so is not for a first look."""


def rows(first_cell: str) -> list[list[str]]:
    """Return the cells of the table that begins with *first_cell*, without its heading."""
    table = PAGE[PAGE.index(f"| {first_cell}") :].partition("\n\n")[0]
    return [line.strip("|").split("|") for line in table.splitlines()[2:]]


def verbs(noun: object) -> set[str]:
    return {name for name, _ in inspect.getmembers(noun, callable) if not name.startswith("_")}


async def test_the_tables_name_every_verb_of_every_noun() -> None:
    """Nothing is missing from the page, and nothing on it is missing from the client."""
    async with ConstantContact("token", stores="memory:") as cc:
        for place, noun in enumerate(NOUNS, 1):
            cells = [line[place] for line in rows("| `contacts`")]
            shown = set(re.findall(r"`(\w+)`", " ".join(cells)))
            if noun == "activities":
                shown |= set(
                    re.findall(r"`(submit_\w+)`", " ".join(row[0] for row in rows("call")))
                )
            assert shown == verbs(getattr(cc, noun)) - FRAMES, noun


@pytest.mark.looptime
async def test_the_examples_of_the_page_run(capsys: pytest.CaptureFixture[str]) -> None:
    """A name is changed, someone leaves, and others are tagged and put on a list."""
    shown: dict[str, Any] = {}
    for block in re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL):
        exec(compile(block, "resources.md", "exec"), shown)  # noqa: S102 - the page is ours
    sandbox = open_sandbox(lists=("Newsletter", "Spring fair"))
    first, second = (entry.list_id for entry in sandbox.contact_lists)
    async with client_of(sandbox) as cc:
        people = [SignUp(f"{name}@example.com", [first], "Ana") for name in "ab"]
        ana, ben = [(await cc.contacts.sign_up(person)).contact_id for person in people]
        await shown["marry"](cc, ana)
        await shown["promote"](cc, [ana, ben], second)
        await shown["leave"](cc, ben, "Too many emails")
        contact = await cc.contacts.get(ana, include=["list_memberships"])
        assert (contact.first_name, contact.last_name) == ("Ana", "Lang-Ross")
        assert set(contact.list_memberships or ()) == {first, second}
        assert (await cc.contacts.get(ben)).is_unsubscribed
    assert capsys.readouterr().out == "completed 2\n"
