"""How the command understands words, and which words it says."""

import datetime as dt
import io
from signal import SIGINT, SIGTERM

import anyio
import pytest
from rich.console import Console

from cc_async.cli._estimates import Estimate
from cc_async.cli._failures import failure_of
from cc_async.cli._local_sandbox import field_labels, labels_in
from cc_async.cli._main import wants_json
from cc_async.cli._options import read_consent, read_mapping, read_protection, read_shares
from cc_async.cli._progress import Bar, Lines, open_progress
from cc_async.cli._serving import FAULTS
from cc_async.cli._signals import Stop
from cc_async.cli._texts import amount, count_of, how_long, listed, plain
from cc_async.client import Plans
from cc_async.errors import BadRequestError, ConsentRequiredError, InvalidRequestError, Problem
from cc_async.limits import BudgetStatistics, plan_import, plan_sign_up
from cc_async.sandbox import FAULTS as SANDBOX_FAULTS


def test_a_mapping_takes_the_last_equals_sign() -> None:
    """A heading may hold an equals sign and blanks; a column may be empty."""
    assert read_mapping(["E-Mail=email", "a=b=city", "Notes="]) == {
        "E-Mail": "email",
        "a=b": "city",
        "Notes": "",
    }
    assert read_mapping(None) == {}


@pytest.mark.parametrize("words", [["email"], ["=email"], ["A=email", "A=city"]])
def test_a_mapping_that_says_nothing_is_refused(words: list[str]) -> None:
    """Without a sign, without a heading or with a heading twice, nothing is guessed."""
    with pytest.raises(InvalidRequestError):
        read_mapping(words)


@pytest.mark.parametrize("word", [None, "implicit", "EXPLICIT", ""])
def test_only_explicit_is_consent(word: str | None) -> None:
    """Nothing but the exact word counts as the caller's word."""
    with pytest.raises(ConsentRequiredError):
        read_consent(word)


def test_protection_is_on_unless_told_otherwise() -> None:
    """Nothing said protects both kinds, `none` nobody, and `none` goes alone."""
    assert read_protection(None) == ("unsubscribed", "deleted")
    assert read_protection(["deleted"]) == ("deleted",)
    assert read_protection(["none"]) == ()
    with pytest.raises(InvalidRequestError):
        read_protection(["none", "deleted"])


def test_the_help_names_the_faults_that_the_sandbox_has() -> None:
    """What the command lists without loading the sandbox is what the sandbox can do."""
    assert FAULTS == SANDBOX_FAULTS


def test_faults_have_shares() -> None:
    """A fault is a name and a share from 0 to 1."""
    assert read_shares(["500=0.25", "hang=1"]) == {"500": 0.25, "hang": 1.0}
    for word in ("500", "500=2", "500=-1", "500=x", "500=nan"):
        with pytest.raises(InvalidRequestError):
            read_shares([word])


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("Email,cf:Colour,cf:Shoe size\na@example.com,cf:no,1", ["Colour", "Shoe size"]),
        ('\ufeffEmail;"cf:Colour"\r\n', ["Colour"]),
        ('{"email":"a@example.com","cf:Colour":"red"}\n{"cf:size":"1"}', ["Colour", "size"]),
        ("Email,First Name\n", []),
    ],
)
def test_custom_fields_of_a_file_are_found(text: str, labels: list[str]) -> None:
    """A sandbox gets the custom fields that a heading or JSON keys name."""
    assert labels_in(text) == labels


def test_custom_fields_of_a_mapping_are_found() -> None:
    """A column named by --map counts too; a field named twice is one."""
    assert field_labels("-", {"A": "cf:Size", "B": "CF:size", "C": "email"}) == ("size",)


@pytest.mark.parametrize(
    ("words", "is_json"),
    [
        (["import", "--json"], True),
        (["import", "--map", "a --json b=email"], False),
        (["import", "--", "--json"], False),
        ([], False),
    ],
)
def test_json_is_asked_for_by_its_own_word(words: list[str], is_json: bool) -> None:
    """Only the option itself counts, not a text that holds it."""
    assert wants_json(words) is is_json


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
def test_durations_are_told_roughly(seconds: float, text: str) -> None:
    """A duration is told in the unit that fits, rounded up."""
    assert how_long(seconds) == text


def test_an_estimate_knows_the_day() -> None:
    """What exceeds today's rest is spread over the days after."""
    now = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
    midnight = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
    budget = BudgetStatistics(9_500, 500, 4, 10_000, midnight, False, 0, (), 0.0, 0.1)

    def told(people: int) -> str:
        by_sign_up = plan_sign_up(people, budget, now)
        by_import = plan_import(people, None, budget, now)
        return str(Estimate("sign_up", Plans(by_sign_up, by_import), budget))

    assert "It fits: 500 requests are left today." in told(40)
    assert "about 40 requests: about 11 seconds at 4 a second." in told(40)
    assert "Only 500 requests are left today" in told(25_000)
    assert "spread over 4 days and be done by 2026-11-25 00:" in told(25_000)
    assert "An import of the same people" in told(25_000)


def test_lines_come_rarely() -> None:
    """Without a terminal a stage begins with a line, and goes on with one every ten seconds."""
    told: list[str] = []
    now = 0.0
    lines = Lines(told.append, clock=lambda: now)
    for number in range(100):
        now = float(number) / 4
        lines.show("Reading" if number < 50 else "Importing", str(number), number / 100)
    assert told == [
        "Reading: 0 (0%)",
        "Reading: 40 (40%)",
        "Importing: 50 (50%)",
        "Importing: 90 (90%)",
    ]


def test_a_terminal_gets_one_line_that_goes_away() -> None:
    """On a terminal progress is a bar with its stage and text, wiped at the end."""
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=80, _environ={"TERM": "xterm"})
    progress = open_progress(console, lambda text: None)
    progress.show("Reading", "12 [contacts]")
    progress.show("Importing", "3 of 12", 0.25)
    progress.close()
    shown = screen.getvalue()
    assert isinstance(progress, Bar)
    assert "Importing" in shown
    assert "3 of 12" in shown
    assert shown.endswith("\x1b[1A\x1b[2K")


def test_terminals_are_left_alone() -> None:
    """Control characters in a name never reach the terminal."""
    assert plain("a\x1b[31mb\nc") == "a?[31mb?c"


def test_long_lists_are_cut_and_counted() -> None:
    """Only the first lines are shown, and how many more there are."""
    assert listed(["a", "b", "c"], 2, "; look there") == "  a\n  b\n  and 1 more; look there"
    assert listed(["a"], 2, "") == "  a"
    assert count_of(1, "row") == "1 row"
    assert count_of(1_200, "person", "people") == "1,200 people"
    assert (amount(512), amount(3_999_000)) == ("0.5 kB", "4.0 MB")


def test_the_unexpected_is_not_quoted() -> None:
    """The text of an unexpected error, which may hold an address, is not shown."""
    told = failure_of(ValueError("ann@example.com"))
    assert "ann@" not in str(told)
    assert "ValueError" in told.message
    assert told.exit_code == 5


def test_the_request_id_is_told() -> None:
    """What the provider's support asks for stands in the hint."""
    told = failure_of(BadRequestError(400, (Problem("k", "wrong"),), request_id="r-1"))
    assert told.to_json() == {
        "type": "BadRequestError",
        "message": "Constant Contact answered 400: wrong",
        "hint": "A repeat would be answered in the same way. Constant Contact's support can look "
        "it up by the request id r-1.",
    }


async def test_being_told_to_stop_cancels_at_once_or_after_a_while() -> None:
    """Without anything on its way the work is cancelled at once, else when its time is up."""
    cancelled: list[str] = []
    at_once = Stop(lambda: cancelled.append("at once"))
    later = Stop(lambda: cancelled.append("later"), wind_down=lambda: 0.01)
    later.ask(SIGTERM)
    at_once.ask(SIGINT)
    assert cancelled == ["at once"]
    assert at_once.is_asked
    assert later.by == SIGTERM
    await anyio.sleep(0.05)
    assert cancelled == ["at once", "later"]
