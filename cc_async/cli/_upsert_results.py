"""What is told of a bulk sign-up, and of one that was only rehearsed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
from rich.console import RenderableType

from cc_async.cli._estimates import Estimate
from cc_async.cli._exit_codes import ExitCode, of_sign_ups
from cc_async.cli._import_results import rejections_text
from cc_async.cli._texts import count_of, listed, page, plain, table
from cc_async.sign_ups import Outcome, SignUpRehearsal, SignUpReport
from cc_async.sources import Rejection

_SHOWN = 5
_REMEMBERED = 1000


@attrs.define
class UpsertResult:
    """A bulk sign-up as it stands; the first of those that went wrong are remembered."""

    report: SignUpReport = attrs.field(factory=SignUpReport)
    rejects: Path | None = None
    last_line: int = 0
    in_flight: int = 0
    is_whole: bool = False
    job_id: str | None = None
    failed: list[Outcome] = attrs.field(factory=list)
    _code: ExitCode = ExitCode.DONE
    _rejected: list[Rejection] = attrs.field(factory=list)

    def add(self, outcome: Outcome) -> None:
        """Note what became of one more person."""
        self.last_line = max(self.last_line, outcome.line)
        if outcome.status in ("rejected", "failed"):
            self._code = max(self._code, of_sign_ups([outcome]))
        if outcome.status == "rejected" and len(self._rejected) < _REMEMBERED:
            self._rejected.append(Rejection(outcome.line, outcome.column, outcome.reason))
        if outcome.status == "failed" and len(self.failed) < _REMEMBERED:
            self.failed.append(outcome)

    @property
    def exit_code(self) -> ExitCode:
        if self._code is ExitCode.DONE and (self.report.failed or self.report.contacts_rejected):
            return ExitCode.NOT_ALL_ACCEPTED
        return self._code

    @property
    def advice(self) -> str:
        if self.is_whole:
            return ""
        if not self.report.contacts_read and not self.in_flight:
            return "Nobody was signed up."
        if self.job_id is not None:
            return (
                f"Run the same sign-up again, or `cc-async resume {self.job_id}`, to go on where "
                "it stopped; whoever has been dealt with is not sent again."
            )
        more = f", and up to {self.in_flight} more may be done" if self.in_flight else ""
        return (
            f"Everybody up to line {self.last_line} has been dealt with{more}; run it again for "
            "the others. Who is signed up twice is only updated."
        )

    def to_json(self) -> dict[str, Any]:
        return attrs.asdict(self.report)

    def to_text(self) -> RenderableType:
        report = self.report
        counts = [
            ("Contacts read", report.contacts_read),
            ("Rejected here", report.contacts_rejected),
            ("Left alone", report.contacts_suppressed),
            ("Created", report.created),
            ("Updated", report.updated),
            ("Failed", report.failed),
            ("Requests", report.requests),
        ]
        return page(
            self._headline(),
            table(("", ""), counts),
            rejections_text(report.contacts_rejected, tuple(self._rejected), self.rejects),
            self._failures_text(),
            _protected_text(report.contacts_suppressed),
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
        lines = [f"line {each.line}: {plain(each.reason)}" for each in self.failed]
        lines += [""] * (count - len(lines))
        return (
            f"{people} could not be signed up:\n"
            + listed(lines, _SHOWN, "")
            + f"\n{self._again()} Nobody is tried more than three times a day."
        )

    def _again(self) -> str:
        if self.job_id is None:
            return (
                "Correct what is wrong with them and run it again; who is signed up twice is only "
                "updated."
            )
        return (
            f"`cc-async resume {self.job_id}` tries those again whom the service did not refuse; "
            "correct the others in a file of their own."
        )


def _protected_text(count: int) -> str:
    if not count:
        return ""
    return (
        f"{count_of(count, 'person was', 'people were')} left alone because they unsubscribed or "
        "were deleted. --protect none signs them up all the same, if they asked for it since."
    )


@attrs.frozen
class UpsertRehearsal:
    """A bulk sign-up that was read and checked, and not sent."""

    rehearsal: SignUpRehearsal
    estimate: Estimate
    has_protection: bool
    rejects: Path | None = None

    @property
    def exit_code(self) -> ExitCode:
        return ExitCode.NOT_ALL_ACCEPTED if self.rehearsal.contacts_rejected else ExitCode.DONE

    @property
    def advice(self) -> str:
        return ""

    def to_json(self) -> dict[str, Any]:
        told = self.rehearsal
        report = SignUpReport(
            contacts_read=told.contacts_read,
            contacts_rejected=told.contacts_rejected,
            requests=told.requests,
        )
        mails = "welcome and confirmation" if told.people else "none"
        would = {"contacts": told.people, **self.estimate.to_json(), "mails": mails}
        return attrs.asdict(report) | {"dry_run": would}

    def to_text(self) -> RenderableType:
        told = self.rehearsal
        counts = [
            ("Contacts read", told.contacts_read),
            ("Rejected here", told.contacts_rejected),
            ("Would be signed up", told.people),
        ]
        return page(
            "Nobody was signed up; this was a rehearsal.",
            table(("", ""), counts),
            rejections_text(told.contacts_rejected, told.rejections, self.rejects),
            str(self.estimate),
            "Those who unsubscribed or were deleted are looked up when it runs, and left alone."
            if self.has_protection
            else "Those who unsubscribed or were deleted would be signed up again as well.",
            "Mails: whoever is new may get a welcome mail, if the list has one, and a mail to "
            "confirm, if the account asks for that. The service does not tell whether it does.",
        )
