"""Results of a bulk sign-up and of its dry run."""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console

from cc_async.cli._sign_up_results import SignUpsResult
from cc_async.errors import BadRequestError, ServerError
from cc_async.sign_ups import Outcome, SignUpReport


def shown(result: SignUpsResult) -> str:
    console = Console(file=io.StringIO(), width=300)
    console.print(result.to_text())
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def test_a_good_sign_up_says_that_all_is_well() -> None:
    """Without failures the first line says so, and the code is 0."""
    result = SignUpsResult(SignUpReport(contacts_read=2, created=1, updated=1), is_whole=True)
    assert shown(result).startswith("All is well: 2 people signed up.")
    assert (result.exit_code, result.advice) == (0, "")


def test_each_kind_of_trouble_shows_its_first_lines() -> None:
    """Rejected, failed and suppressed rows are named; counts include those that are not shown."""
    result = SignUpsResult(
        SignUpReport(12, contacts_rejected=1, contacts_suppressed=1, created=2, failed=8),
        job_id="j1",
        is_whole=True,
    )
    result.add(Outcome(2, "rejected", "", column="email", reason="is no address"))
    result.add(Outcome(3, "suppressed", "", reason="unsubscribed"))
    for line in range(4, 12):
        result.add(Outcome(line, "failed", "", error=BadRequestError(400), reason="was refused"))
    text = shown(result)
    assert text.startswith("2 people signed up, but not everything went well.")
    assert "line 2, email: is no address" in text
    assert "line 3: suppressed: unsubscribed" in text
    assert "line 8: was refused" in text
    assert "line 9" not in text
    assert "and 3 more; --outcomes PATH writes all of them to a file" in text
    result.outcomes = Path("outcomes.jsonl")
    assert "and 3 more; all of them are in outcomes.jsonl" in shown(result)
    assert "`cc-async resume j1`" in text
    assert result.exit_code == 1


def test_the_worst_outcome_decides_the_code() -> None:
    """A failure of the service outweighs a refusal."""
    result = SignUpsResult(SignUpReport(contacts_read=2, failed=2))
    result.add(Outcome(2, "failed", "", error=ServerError(500)))
    result.add(Outcome(3, "failed", "", error=BadRequestError(400)))
    assert result.exit_code == 5


def test_the_advice_says_how_to_go_on() -> None:
    """A file is resumed by its job; for any other input the last finished line is named."""
    report = SignUpReport(contacts_read=3, created=3)
    assert "`cc-async resume j1`" in SignUpsResult(report, job_id="j1").advice
    advice = SignUpsResult(report, last_line=4, in_flight=2).advice
    assert "All rows up to line 4 are done, and up to 2 more may be done" in advice
    assert SignUpsResult().advice == "No sign-up was sent."


def test_the_json_names_every_person_who_was_not_signed_up() -> None:
    """Each has line, address, status, column and reason, however many there are, by line."""
    result = SignUpsResult(
        SignUpReport(contacts_read=22, created=1, failed=20, contacts_suppressed=1)
    )
    result.add(Outcome(2, "created", "a@example.com"))
    for line in range(23, 3, -1):
        result.add(Outcome(line, "failed", "b@example.com", reason="was refused"))
    result.add(Outcome(3, "suppressed", "c@example.com", reason="unsubscribed"))
    named = result.to_json()["not_signed_up"]
    assert [each["line"] for each in named] == list(range(3, 24))
    assert named[0] == {
        "line": 3, "email_address": "c@example.com", "status": "suppressed", "column": "",
        "reason": "unsubscribed",
    }  # fmt: skip
