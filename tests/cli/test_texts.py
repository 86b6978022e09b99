"""Small pieces of text that several commands share."""

import pytest

from cc_async.cli._texts import count_of, duration_text, first_lines, printable, size_text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "about 1 second"),
        (12.2, "about 13 seconds"),
        (125, "about 3 minutes"),
        (7_000, "about 2 hours"),
        (200_000, "about 3 days"),
    ],
)
def test_durations_are_rounded_up(seconds: float, text: str) -> None:
    """A duration is told in the unit that fits, rounded up."""
    assert duration_text(seconds) == text


def test_control_characters_are_replaced() -> None:
    """Control characters in a name never reach the terminal."""
    assert printable("a\x1b[31mb\nc") == "a?[31mb?c"


def test_long_lists_are_cut_and_counted() -> None:
    """Only the first lines are shown, and how many more there are."""
    lines = [f"l{number}" for number in range(7)]
    assert first_lines(lines, 7, "; look there").splitlines() == [
        *(f"  l{number}" for number in range(5)),
        "  and 2 more; look there",
    ]
    assert first_lines(["a"], 1) == "  a"
    assert first_lines(["a"], 3) == "  a\n  and 2 more"


def test_numbers_come_with_their_unit() -> None:
    """Counts have singular and plural, sizes have a unit."""
    assert count_of(1, "row") == "1 row"
    assert count_of(1_200, "person", "people") == "1,200 people"
    assert (size_text(512), size_text(3_999_000)) == ("0.5 kB", "4.0 MB")
