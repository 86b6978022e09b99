"""Flags become values."""

import pytest

from cc_async.cli._options import (
    ImportFlags,
    ReadingFlags,
    SignUpFlags,
    read_consent,
    read_mapping,
    read_protection,
)
from cc_async.errors import ConsentRequiredError, InvalidRequestError


def test_a_mapping_takes_the_last_equals_sign() -> None:
    """A heading may hold an equals sign and blanks; a column may be empty."""
    assert read_mapping(["E-Mail=email", "a=b=city", "Notes="]) == {
        "E-Mail": "email",
        "a=b": "city",
        "Notes": "",
    }
    assert read_mapping(None) == {}


@pytest.mark.parametrize("texts", [["email"], ["=email"], ["A=email", "A=city"]])
def test_a_mapping_without_meaning_is_refused(texts: list[str]) -> None:
    """A mapping without a sign, without a heading, or with a heading twice is refused."""
    with pytest.raises(InvalidRequestError):
        read_mapping(texts)


@pytest.mark.parametrize("text", [None, "implicit", "EXPLICIT", ""])
def test_only_explicit_is_consent(text: str | None) -> None:
    """Nothing but the exact word counts as consent."""
    with pytest.raises(ConsentRequiredError):
        read_consent(text)


def test_protection_is_on_by_default() -> None:
    """The default protects both kinds, `none` protects no kind, and `none` goes alone."""
    assert read_protection(None) == ("unsubscribed", "deleted")
    assert read_protection(["deleted"]) == ("deleted",)
    assert read_protection(["none"]) == ()
    with pytest.raises(InvalidRequestError):
        read_protection(["none", "deleted"])


def test_the_limits_of_the_flags_reach_the_options() -> None:
    """`--max-email` and `--max-phone` let long values through, in imports and in sign-ups."""
    reading = ReadingFlags(max_email=80, max_phone=50)
    for options in (
        ImportFlags(reading).to_options().reading,
        SignUpFlags(reading).to_options().reading,
    ):
        assert (options.max_email, options.max_phone) == (80, 50)
