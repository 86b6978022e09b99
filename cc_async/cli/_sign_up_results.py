"""Results of a bulk sign-up and of its dry run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
from rich.console import RenderableType

from cc_async.cli._estimates import Estimate
from cc_async.cli._exit_codes import ExitCode, of_sign_ups
from cc_async.cli._import_texts import rejections_text, suppressed_text
from cc_async.cli._texts import (
    SHOWN_LINES,
    count_of,
    first_lines,
    paragraphs,
    printable,
    table,
)
from cc_async.sign_ups import Outcome, SignUpDryRun, SignUpReport
from cc_async.sources import Rejection

_CONFIRMATION = (
    "New people may still have to confirm: if the account asks for that, the service mails them, and "
    "does not say so here."
)
"""Whether the account uses Confirmed Opt-in cannot be asked."""


_NAMED = ("line", "email_address", "status", "column", "reason")
"""What the JSON says of each person of this run who was not signed up."""


@attrs.define
class SignUpsResult:
    """Result of a bulk sign-up, finished or not, with the first rows of each kind of trouble."""

    report: SignUpReport = attrs.field(factory=SignUpReport)
    rejects: Path | None = None
    last_line: int = 0
    in_flight: int = 0
    is_whole: bool = False
    job_id: str | None = None
    failed: list[Outcome] = attrs.field(factory=list)
    _code: ExitCode = ExitCode.DONE
    _rejected: list[Rejection] = attrs.field(factory=list)
    _suppressed: list[Rejection] = attrs.field(factory=list)
    _unknown: list[Outcome] = attrs.field(factory=list)
    _not_signed_up: list[Outcome] = attrs.field(factory=list)

    def add(self, outcome: Outcome) -> None:
        """Add the outcome of one more row."""
        self.last_line = max(self.last_line, outcome.line)
        if outcome.status not in ("created", "updated"):
            self._not_signed_up.append(outcome)
        if outcome.status in ("rejected", "failed", "unknown"):
            self._code = max(self._code, of_sign_ups([outcome]))
        if outcome.status == "rejected" and len(self._rejected) < SHOWN_LINES:
            self._rejected.append(Rejection(outcome.line, outcome.column, outcome.reason))
        if outcome.status == "suppressed" and len(self._suppressed) < SHOWN_LINES:
            self._suppressed.append(Rejection(outcome.line, "", f"suppressed: {outcome.reason}"))
        if outcome.status == "failed" and len(self.failed) < SHOWN_LINES:
            self.failed.append(outcome)
        if outcome.status == "unknown" and len(self._unknown) < SHOWN_LINES:
            self._unknown.append(outcome)

    @property
    def exit_code(self) -> ExitCode:
        report = self.report
        is_flawless = not (report.failed or report.unknown or report.contacts_rejected)
        if self._code is ExitCode.DONE and not is_flawless:
            return ExitCode.NOT_ALL_ACCEPTED
        return self._code

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
            for each in sorted(self._not_signed_up, key=lambda outcome: outcome.line)
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
            rejections_text(report.contacts_rejected, self._rejected, self.rejects),
            self._failures_text(),
            self._unknown_text(),
            self._suppressed_text(),
            _CONFIRMATION if report.created else "",
        )

    def _headline(self) -> str:
        people = count_of(self.report.created + self.report.updated, "person", "people")
        if not self.is_whole:
            return f"The sign-up is not finished; {people} signed up so far."
        if self.exit_code is ExitCode.DONE:
            return f"All is well: {people} signed up."
        return f"{people[0].upper()}{people[1:]} signed up, but not everything went well."

    def _failures_text(self) -> str:
        count = self.report.failed
        if not count:
            return ""
        people = count_of(count, "person", "people")
        if not self.failed:
            return f"{people} could not be signed up."
        lines = [f"line {each.line}: {printable(each.reason)}" for each in self.failed]
        return (
            f"{people} could not be signed up:\n"
            + first_lines(lines, count)
            + f"\n{self._how_to_retry()} No address is tried more than three times a day."
        )

    def _unknown_text(self) -> str:
        count = self.report.unknown
        if not count:
            return ""
        people = count_of(count, "person", "people")
        lines = [f"line {each.line}: {printable(each.reason)}" for each in self._unknown]
        return f"Of {people} it is unknown whether they are signed up:\n" + first_lines(
            lines, count
        )

    def _suppressed_text(self) -> str:
        count = self.report.contacts_suppressed
        if not count:
            return ""
        return (
            f"{suppressed_text(count, self._suppressed)}\n--protect none signs up people who "
            "unsubscribed or were deleted all the same, if they asked for it since."
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
