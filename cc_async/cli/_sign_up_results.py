"""Results of a bulk sign-up and of its dry run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
from rich.console import RenderableType

from cc_async.cli._estimates import Estimate
from cc_async.cli._exit_codes import ExitCode, of_sign_ups
from cc_async.cli._import_texts import rejections_text
from cc_async.cli._texts import (
    count_of,
    first_lines,
    paragraphs,
    printable,
    table,
    text_if,
)
from cc_async.sign_ups import Outcome, OutcomeStatus, SignUpDryRun, SignUpReport
from cc_async.sources import Rejection

_CONFIRMATION = (
    "New people may still have to confirm: if the account asks for that, the service mails them, and "
    "does not say so here."
)
"""Whether the account uses Confirmed Opt-in cannot be asked."""


_NAMED = ("line", "email_address", "status", "column", "reason")
"""What the JSON says of each person who was not signed up."""


@attrs.define
class SignUpsResult:
    """Result of a bulk sign-up, finished or not.

    *not_signed_up* are the people of all runs with another outcome than created or updated.
    *is_past* says that no run was made: the result was read from the store.
    """

    report: SignUpReport = attrs.field(factory=SignUpReport)
    rejects: Path | None = None
    outcomes: Path | None = None
    last_line: int = 0
    in_flight: int = 0
    is_whole: bool = False
    job_id: str | None = None
    not_signed_up: list[Outcome] = attrs.field(factory=list)
    is_past: bool = False

    def add(self, outcome: Outcome) -> None:
        """Add the outcome of one more row."""
        self.last_line = max(self.last_line, outcome.line)
        if outcome.status not in ("created", "updated"):
            self.not_signed_up.append(outcome)

    @property
    def exit_code(self) -> ExitCode:
        report = self.report
        is_flawless = not (report.failed or report.unknown or report.contacts_rejected)
        code = of_sign_ups(self.not_signed_up)
        if code is ExitCode.DONE and not is_flawless:
            return ExitCode.NOT_ALL_ACCEPTED
        return code

    @property
    def has_sent(self) -> bool:
        """Whether people were signed up, or may have been."""
        return bool(self.report.created + self.report.updated + self.in_flight)

    @property
    def advice(self) -> str:
        if self.is_whole:
            return ""
        if not self.report.contacts_read and not self.in_flight:
            return "No sign-up was sent."
        if self.job_id is not None:
            return (
                f"Run the same sign-up again, or `cc-async resume {self.job_id}`, to go on where "
                "it stopped; people who have an outcome are not sent again."
            )
        more = f", and up to {self.in_flight} more may be done" if self.in_flight else ""
        return (
            f"All rows up to line {self.last_line} are done{more}; run it again for the others. "
            "To sign a person up twice only updates the contact."
        )

    def to_json(self) -> dict[str, Any]:
        named = [
            {name: getattr(each, name) for name in _NAMED}
            for each in sorted(self.not_signed_up, key=lambda outcome: outcome.line)
        ]
        return attrs.asdict(self.report) | {"not_signed_up": named}

    def to_text(self) -> RenderableType:
        report = self.report
        counts = [
            ("Contacts read", report.contacts_read),
            ("Rejected here", report.contacts_rejected),
            ("Suppressed", report.contacts_suppressed),
            ("Created", report.created),
            ("Updated", report.updated),
            ("Failed", report.failed),
            ("Unknown", report.unknown),
            ("Requests", report.requests),
        ]
        return paragraphs(
            self._headline(),
            table(("", ""), counts),
            self._rejections_text(),
            self._failures_text(),
            self._unknown_text(),
            self._suppressed_text(),
            _CONFIRMATION if report.may_have_to_confirm else "",
        )

    def _headline(self) -> str:
        people = count_of(self.report.created + self.report.updated, "person", "people")
        if not self.is_whole:
            return f"The sign-up is not finished; {people} signed up so far."
        if self.exit_code is ExitCode.DONE:
            return f"All is well: {people} signed up."
        return f"{people[0].upper()}{people[1:]} signed up, but not everything went well."

    def _rejections_text(self) -> str:
        rejected = [
            Rejection(each.line, each.column, each.reason) for each in self._of_status("rejected")
        ]
        count = self.report.contacts_rejected
        if self.is_past:
            return rejections_text(count, rejected, None, self._rest)
        return rejections_text(count, rejected, self.rejects)

    def _of_status(self, status: OutcomeStatus) -> list[Outcome]:
        found = [each for each in self.not_signed_up if each.status == status]
        return sorted(found, key=lambda outcome: outcome.line)

    def _first(self, status: OutcomeStatus, count: int) -> str:
        """Return the first people with an outcome of *status*, of *count* in all."""
        prefix = "suppressed: " if status == "suppressed" else ""
        lines = [
            f"line {each.line}: {prefix}{printable(each.reason)}"
            for each in self._of_status(status)
        ]
        return first_lines(lines, count, self._rest)

    @property
    def _rest(self) -> str:
        """How to see the people beyond the first ones."""
        if self.outcomes is not None:
            return f"; all of them are in {printable(self.outcomes)}"
        if self.is_past:
            return "; --json names all of them"
        return "; --outcomes PATH writes all of them to a file"

    def _failures_text(self) -> str:
        count = self.report.failed
        people = count_of(count, "person", "people")
        return text_if(
            count,
            f"{people} could not be signed up:\n{self._first('failed', count)}"
            f"\n{self._how_to_retry()} No address is tried more than three times a day.",
        )

    def _unknown_text(self) -> str:
        count = self.report.unknown
        people = count_of(count, "person", "people")
        return text_if(
            count,
            f"Of {people} it is unknown whether they are signed up:\n"
            + self._first("unknown", count),
        )

    def _suppressed_text(self) -> str:
        count = self.report.contacts_suppressed
        contacts = count_of(count, "contact was", "contacts were")
        return text_if(
            count,
            f"{contacts} suppressed and not sent:\n{self._first('suppressed', count)}\n--protect none "
            "signs up people who unsubscribed or were deleted all the same, if they asked for it "
            "since.",
        )

    def _how_to_retry(self) -> str:
        if self.job_id is None:
            return (
                "Correct these rows and run it again; to sign a person up twice only updates the "
                "contact."
            )
        return (
            f"`cc-async resume {self.job_id}` tries all of them again that the service has not "
            "refused; correct the others in a file of their own."
        )


@attrs.frozen
class SignUpDryRunResult:
    """Result of a dry run of a bulk sign-up."""

    dry_run: SignUpDryRun
    estimate: Estimate
    is_protecting: bool
    rejects: Path | None = None
    advice: str = ""

    @property
    def exit_code(self) -> ExitCode:
        rejected = self.dry_run.report.contacts_rejected
        return ExitCode.NOT_ALL_ACCEPTED if rejected else ExitCode.DONE

    def to_json(self) -> dict[str, Any]:
        dry_run = self.dry_run
        mails = "welcome and confirmation" if dry_run.people else "none"
        plan = {"contacts": dry_run.people, **self.estimate.to_json(), "mails": mails}
        return attrs.asdict(dry_run.report) | {"dry_run": plan}

    def to_text(self) -> RenderableType:
        dry_run = self.dry_run
        counts = [
            ("Contacts read", dry_run.report.contacts_read),
            ("Rejected here", dry_run.report.contacts_rejected),
            ("Suppressed", dry_run.report.contacts_suppressed),
            ("Would be signed up", dry_run.people),
        ]
        return paragraphs(
            "No sign-up was sent; this was a dry run.",
            table(("", ""), counts),
            rejections_text(dry_run.report.contacts_rejected, dry_run.rejections, self.rejects),
            str(self.estimate),
            "People who unsubscribed or were deleted are looked up when it runs, and suppressed too."
            if self.is_protecting
            else "People who unsubscribed or were deleted would be signed up again as well.",
            "Mails: new contacts may get a welcome mail, if the list has one, and a mail to "
            "confirm, if the account asks for that. The service does not tell whether it does.",
        )
