"""Lists are found by id or exact name, and made only when they are needed."""

from __future__ import annotations

import pytest

from cc_async.errors import InvalidRequestError, UnknownNameError
from cc_async.lookups import Directory, ListMaker, read_directory
from cc_async.models import ContactList
from tests.support.people import client_of, open_sandbox

DIRECTORY = Directory(
    (ContactList("l2", "News"), ContactList("l1", "Offers"), ContactList("l3", "News")), ()
)


def test_lists_are_found_by_id_or_exact_name() -> None:
    """Each once, in the order of their ids."""
    assert DIRECTORY.list_ids(["Offers", "l2", "l1"]) == ("l1", "l2")
    assert DIRECTORY.missing(["Offers", "offers", "l3", "offers"]) == ["offers"]


def test_a_name_that_is_unknown_or_not_unique_is_refused() -> None:
    """The message says what is near, or that an id tells two lists apart."""
    with pytest.raises(UnknownNameError, match="no list 'Offer'") as caught:
        DIRECTORY.list_ids(["Offer"])
    assert "'Offers'" in caught.value.hint
    with pytest.raises(UnknownNameError, match="2 lists called 'News'") as caught:
        DIRECTORY.list_ids(["News"])
    assert "id" in caught.value.hint


@pytest.mark.parametrize("names", [[], "Offers"])
def test_one_to_fifty_lists_are_named(names: list[str]) -> None:
    """None at all, and a string in place of several names, are refused."""
    with pytest.raises(InvalidRequestError):
        DIRECTORY.list_ids(names)
    many = Directory(tuple(ContactList(f"l{number}", "") for number in range(51)), ())
    with pytest.raises(InvalidRequestError, match="51 lists were named"):
        many.list_ids([f"l{number}" for number in range(51)])


@pytest.mark.looptime
@pytest.mark.parametrize("is_dry_run", [False, True])
async def test_missing_lists_are_made_once_they_are_needed(is_dry_run: bool) -> None:
    """A dry run makes none, and returns an id as long as a real one."""
    sandbox = open_sandbox()
    async with client_of(sandbox) as cc:
        directory = await read_directory(cc._session, has_fields=False)
        names = ["Newsletter", "New"]
        maker = ListMaker(cc._session, directory, names, is_dry_run=is_dry_run)
        assert len(sandbox.contact_lists) == 1
        ids = await maker.list_ids()
    assert {len(list_id) for list_id in ids} == {36}
    made = [each.name for each in sandbox.contact_lists]
    assert sorted(made) == (["Newsletter"] if is_dry_run else ["New", "Newsletter"])


@pytest.mark.looptime
@pytest.mark.parametrize("lists", [[], "Newsletter", ["Newsletter", ""], ["x" * 256]])
async def test_names_that_can_stand_for_no_lists_cost_no_request(lists: list[str]) -> None:
    """Imports and sign-ups, real ones and dry runs, look at the names before anything else."""
    sandbox, rows = open_sandbox(), [{"email": "a@example.com"}]
    async with client_of(sandbox) as cc:
        for start in (cc.bulk.submit_import, cc.bulk.dry_run_import, cc.bulk.dry_run_sign_up):
            with pytest.raises(InvalidRequestError):
                await start(rows, lists=lists)
        with pytest.raises(InvalidRequestError):
            async with cc.bulk.sign_up(rows, lists=lists, consent="explicit"):
                raise AssertionError("never here")
    assert len(sandbox.received) == 0
