"""The page about single calls agrees with the client."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import pytest

from cc_async import ConstantContact, SignUp
from tests.support.people import client_of, open_sandbox

PAGE = (Path(__file__).parents[2] / "docs" / "resources.md").read_text(encoding="utf-8")
RESOURCES = ("contacts", "contact_lists", "custom_fields", "tags", "activities", "account")
OMITTED = {"submit_body"}
"""Methods for bodies that `cc_async.wire` builds; the page leaves them out."""


def rows(first_cell: str) -> list[list[str]]:
    """Return the cells of the table that begins with *first_cell*, without its heading."""
    table = PAGE[PAGE.index(f"| {first_cell}") :].partition("\n\n")[0]
    return [line.strip("|").split("|") for line in table.splitlines()[2:]]


def methods(resource: object) -> set[str]:
    return {name for name, _ in inspect.getmembers(resource, callable) if not name.startswith("_")}


async def test_the_tables_name_every_method() -> None:
    """The tables name exactly the methods of each resource."""
    async with ConstantContact("token", stores="memory:") as cc:
        for place, resource in enumerate(RESOURCES, 1):
            cells = [line[place] for line in rows("| `contacts`")]
            shown = set(re.findall(r"`(\w+)`", " ".join(cells)))
            if resource == "activities":
                shown |= set(
                    re.findall(r"`(submit_\w+)`", " ".join(row[0] for row in rows("call")))
                )
            assert shown == methods(getattr(cc, resource)) - OMITTED, resource


@pytest.mark.looptime
async def test_the_examples_of_the_page_run(capsys: pytest.CaptureFixture[str]) -> None:
    """The examples change a name, unsubscribe a contact, and tag contacts."""
    shown: dict[str, Any] = {}
    for block in re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL):
        exec(compile(block, "resources.md", "exec"), shown)  # noqa: S102 - our own page
    sandbox = open_sandbox(lists=("Newsletter", "Spring fair"))
    first, second = (entry.list_id for entry in sandbox.contact_lists)
    async with client_of(sandbox) as cc:
        people = [SignUp(f"{name}@example.com", [first], first_name="Ana") for name in "ab"]
        ana, ben = [
            (await cc.contacts.sign_up(person, consent="explicit")).contact_id for person in people
        ]
        await shown["marry"](cc, ana)
        await shown["promote"](cc, [ana, ben], second)
        await shown["leave"](cc, ben, "Too many emails")
        contact = await cc.contacts.get(ana, include=["list_memberships"])
        assert (contact.first_name, contact.last_name) == ("Ana", "Lang-Ross")
        assert set(contact.list_memberships or ()) == {first, second}
        assert (await cc.contacts.get(ben)).is_unsubscribed
    assert capsys.readouterr().out == "completed 2\n"
