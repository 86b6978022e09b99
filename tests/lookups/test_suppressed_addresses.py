"""The caller's own list of addresses is read from paths and iterables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cc_async.errors import InputError, InvalidRequestError
from cc_async.lookups import SuppressedAddresses, read_suppressed_addresses


async def test_nothing_is_an_empty_list() -> None:
    """Without addresses there is no digest, so keys of jobs do not change."""
    assert await read_suppressed_addresses(()) == SuppressedAddresses()


async def test_the_digest_depends_on_the_addresses_alone(tmp_path: Path) -> None:
    """Order, case, blanks and repetitions do not matter, and neither does a file."""
    path = tmp_path / "former.txt"
    path.write_text("B@example.com\n a@example.com \n")
    first = await read_suppressed_addresses(["a@example.com", " B@example.com", "A@example.com"])
    second = await read_suppressed_addresses(path)
    assert first.addresses == second.addresses == {"a@example.com", "b@example.com"}
    assert first.digest == second.digest != ""
    other = await read_suppressed_addresses(["a@example.com"])
    assert other.digest != first.digest


@pytest.mark.parametrize("item", ["former.csv", "", 7, None, b"a@example.com"])
async def test_an_item_that_is_no_address_is_refused(item: Any) -> None:
    """The message names its place and not what it says, and tells how files are given."""
    with pytest.raises(InvalidRequestError, match="item 2 of the addresses") as caught:
        await read_suppressed_addresses(["a@example.com", item])
    assert "Path(" in caught.value.hint


@pytest.mark.parametrize("suppress", [None, 7, object()])
async def test_what_holds_no_addresses_is_refused(suppress: Any) -> None:
    """A value that is neither a file nor an iterable is an error of the tree."""
    with pytest.raises(InvalidRequestError, match="cannot be read"):
        await read_suppressed_addresses(suppress)


async def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """As contacts are: by an error that names the file."""
    with pytest.raises(InputError, match="no such file"):
        await read_suppressed_addresses(str(tmp_path / "none.csv"))


async def test_the_addresses_do_not_show_in_a_repr() -> None:
    """Logs of a program do not get them."""
    assert "@" not in repr(await read_suppressed_addresses(["a@example.com"]))
