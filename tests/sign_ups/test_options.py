"""The options of a sign-up as one value."""

from __future__ import annotations

from pathlib import Path

import pytest

from cc_async import ReadingOptions, SignUpOptions
from cc_async.errors import InvalidRequestError
from tests.support.people import client_of, open_sandbox


def test_opt_outs_are_left_out_by_default() -> None:
    """Without options, unsubscribed and deleted people are left out."""
    assert set(SignUpOptions().protect) == {"unsubscribed", "deleted"}
    assert SignUpOptions() == SignUpOptions(ReadingOptions(), ("unsubscribed", "deleted"), None)


@pytest.mark.parametrize("place", ["rejected.csv", Path("rejected.csv")])
def test_a_path_may_be_text(place: str | Path) -> None:
    """The places of rejected rows and of outcomes are a `Path`, however they were given."""
    options = SignUpOptions(rejects=place, outcomes=place)
    assert (options.rejects, options.outcomes) == (Path("rejected.csv"), Path("rejected.csv"))


@pytest.mark.looptime
@pytest.mark.parametrize("protect", ["deleted", ["left-list"]])
async def test_an_unknown_kind_of_opt_out_is_refused(protect: list[str]) -> None:
    """An unknown kind, or text where several are expected, is refused before any sign-up."""
    sandbox = open_sandbox()
    options = SignUpOptions(protect=protect)  # type: ignore[arg-type]
    async with client_of(sandbox) as cc:
        with pytest.raises(InvalidRequestError, match="protect takes several"):
            async with cc.bulk.sign_up(
                [{"email": "a@example.com"}],
                lists=["Newsletter"],
                consent="explicit",
                options=options,
            ):
                raise AssertionError("never here")
    assert "POST" not in {entry.method for entry in sandbox.received}
