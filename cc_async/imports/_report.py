"""The report of an import: a count for every contact, and the counts add up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import attrs

from cc_async.errors import redact
from cc_async.imports._chunk import ChunkProgress, ChunkState, Verified, VerifiedBy
from cc_async.imports._service_counts import count_once
from cc_async.imports.verification import NamedContact, to_verify
from cc_async.sources import Rejection

_NAMED = 1000
"""Texts of the service that a report holds, as many as rejected rows."""

JobState = Literal["running", "completed", "uncertain", "failed"]


@attrs.frozen
class Preparation:
    """The counts of reading, before anything was sent.

    *rejections* holds the first thousand rejected rows, and *suppressed* the first thousand rows
    of suppressed people. *merged_lines* are the lines of the first thousand merged rows.
    *rows_with_blanks* have blank cells in a CSV that was asked for, which may erase stored values.
    """

    contacts_read: int = 0
    contacts_rejected: int = 0
    contacts_merged: int = 0
    contacts_suppressed: int = 0
    rejections: tuple[Rejection, ...] = ()
    suppressed: tuple[Rejection, ...] = ()
    merged_lines: tuple[int, ...] = ()
    rows_with_blanks: int = 0

    @property
    def contacts_to_send(self) -> int:
        """How many contacts are left."""
        left_out = self.contacts_rejected + self.contacts_merged + self.contacts_suppressed
        return self.contacts_read - left_out


@attrs.frozen
class Verification:
    """How the lists were read back.

    *contacts* were looked for, *by* an export of their lists or page by page. *kept_off* of them
    are not on the lists because they unsubscribed. *is_exact* is false where the dates of an
    export could not be read: then missing contacts are certain, and unchanged ones are unknown.
    """

    contacts: int
    kept_off: int
    by: tuple[VerifiedBy, ...]
    is_exact: bool


@attrs.frozen
class ActivityReport:
    """One chunk of the import; *activity_id* is `None` until the service has named an activity.

    *contacts* are complete in this chunk, and *addresses* are there by their address alone: those
    contacts are complete in another chunk.
    """

    activity_id: str | None
    state: str
    contacts: int
    bytes: int
    addresses: int = 0


@attrs.frozen
class ActivityProblem:
    """A text of the service about one chunk; *line* is the line of the source that it names.

    Addresses in the text are masked. *chunk* is the number of the chunk, counted from 1.
    """

    chunk: int
    activity_id: str
    line: int | None
    text: str


@attrs.frozen
class ImportReport:
    """The counts of an import, in which every contact is counted once.

    `contacts_read = contacts_rejected + contacts_merged + contacts_suppressed + contacts_sent`.
    *contacts_merged* are rows that a later row for the same address replaced; *merged_lines* are
    the lines of the first thousand. *rows_with_blanks* may erase stored values: `send_as="csv"` sends blank cells.

    Four counters are the service's own sums over all activities
    (https://developer.constantcontact.com/api_guide/activity_status.html): of the contacts sent,
    *person_count* were counted, *error_count* and *correctable_count* refused, and
    *cannot_add_to_list_count* kept off the lists because they unsubscribed. Compare *person_count*
    with *contacts_sent*: the service drops contacts beyond its limits without an error. The service
    counts a contact in several activities several times; here it is counted once. Where such contacts
    were refused or kept off, that is exact after reading the lists back, and too high before.

    *missing* and *not_changed* are `None` until the lists were read back. *missing* contacts were
    sent and are not on their lists, refused ones among them. *not_changed* contacts are on the
    lists, so they arrived, but were not changed since they were sent: their values were the same,
    or the service refused them. *verification* says how sure that is.

    *not_arrived* holds the first thousand missing contacts with their lines in the source, *kept_off*
    those that are not on the lists because they unsubscribed, and *unchanged* those not changed.
    *unverified* contacts were looked for in vain: their list could not be read whole, or their body is
    gone. Only verification can name contacts; addresses are there only in the process that read the lists.

    *requests* were made by all processes of the job; a killed process has not counted its last step.
    *activity_errors* are the first thousand texts of the service, *activity_errors_left_out* counts the others.
    """

    job_id: str
    state: JobState
    contacts_read: int
    contacts_rejected: int
    contacts_merged: int
    contacts_suppressed: int
    contacts_sent: int
    person_count: int
    error_count: int
    correctable_count: int
    cannot_add_to_list_count: int
    missing: int | None
    not_changed: int | None
    requests: int
    activities: tuple[ActivityReport, ...]
    rejections: tuple[Rejection, ...] = attrs.field(default=(), repr=False)
    suppressed: tuple[Rejection, ...] = attrs.field(default=(), repr=False)
    verification: Verification | None = None
    not_arrived: tuple[NamedContact, ...] = attrs.field(default=(), repr=False)
    kept_off: tuple[NamedContact, ...] = attrs.field(default=(), repr=False)
    unchanged: tuple[NamedContact, ...] = attrs.field(default=(), repr=False)
    merged_lines: tuple[int, ...] = attrs.field(default=(), repr=False)
    activity_errors: tuple[ActivityProblem, ...] = attrs.field(default=(), repr=False)
    activity_errors_left_out: int = 0
    unverified: int = 0
    rows_with_blanks: int = 0

    @property
    def contacts_refused(self) -> int:
        """Contacts that the service refused: as errors, or held until they are corrected there."""
        return self.error_count + self.correctable_count

    @property
    def contacts_uncounted(self) -> int:
        """Contacts that the service never counted, in activities that have ended.

        There may be more: the service does not say whether it counts the contacts it refuses.
        """
        ended = sum(entry.contacts for entry in self.activities if entry.state == "completed")
        return max(0, ended - self.person_count - self.contacts_refused)

    @property
    def contacts_kept_off(self) -> int:
        """Contacts kept off the lists because they unsubscribed, by the service or by the lists."""
        seen = self.verification.kept_off if self.verification is not None else 0
        return max(self.cannot_add_to_list_count, seen)

    @property
    def is_all_accepted(self) -> bool:
        """Whether no contact was rejected, refused, kept off the lists, missing or unverified.

        Uncounted contacts are no fault where reading the lists back showed that all arrived. If the
        service counted only some, contacts that were not changed may be the others.
        """
        is_seen = self.missing == 0 and not (self.person_count and self.not_changed != 0)
        return self.state == "completed" and not (
            self.contacts_rejected
            or self.contacts_refused
            or self.contacts_kept_off
            or self.missing
            or self.unverified
            or (self.contacts_uncounted and not is_seen)
        )


@attrs.frozen
class ImportProgress:
    """How far a job has come. *contacts_done* are in activities that have ended.

    *is_verifying* says that the service has finished, and the lists are being read back;
    *is_catching_up*, that the lists did not show all contacts yet, and will be read once more.
    *waiting_for* is the failure of the service or the store that is waited out now, or empty.
    """

    contacts: int
    contacts_done: int
    chunks: int
    chunks_submitted: int
    chunks_done: int
    percent: float
    is_verifying: bool = False
    is_catching_up: bool = False
    waiting_for: str = ""


_ENDED = (ChunkState.COMPLETED, ChunkState.FAILED)


def make_progress(entries: Sequence[ChunkProgress], verify: bool | None = None) -> ImportProgress:
    """Return how far a job with these chunks has come."""
    contacts = sum(entry.chunk.complete for entry in entries)
    rows = sum(entry.chunk.contacts for entry in entries)
    reached = sum(entry.chunk.contacts * _share(entry) for entry in entries)
    done = [entry for entry in entries if entry.state in _ENDED]
    return ImportProgress(
        contacts=contacts,
        contacts_done=sum(entry.chunk.complete for entry in done),
        chunks=len(entries),
        chunks_submitted=sum(entry.activity is not None for entry in entries),
        chunks_done=len(done),
        percent=100.0 * reached / rows if rows else 100.0,
        is_verifying=len(done) == len(entries) and bool(to_verify(entries, verify)),
    )


def _share(entry: ChunkProgress) -> float:
    """Return the share of a chunk that is done, from 0 to 1; the service's percentage is a hint."""
    if entry.state in _ENDED:
        return 1.0
    percent = entry.activity.percent_done if entry.activity is not None else None
    return min(100, max(0, percent or 0)) / 100


def make_report(
    job_id: str,
    preparation: Preparation,
    chunks: Sequence[ChunkProgress],
    requests: int,
    named: tuple[NamedContact, ...] = (),
    *,
    verify: bool | None = None,
) -> ImportReport:
    """Return the report of a job; it is running until the lists were read back, if they are to be."""
    looked_for = [entry for entry in chunks if entry.verified and entry.verified.is_known]
    verified = [entry.verified for entry in looked_for if entry.verified]
    problems = [problem for entry in chunks for problem in _problems(entry)]
    left_out = sum(
        entry.activity.errors_left_out for entry in chunks if entry.activity and _is_named(entry)
    )
    named = named or _by_line(chunks)
    counts = count_once(chunks)
    return ImportReport(
        job_id=job_id,
        state="running" if to_verify(chunks, verify) else _state({one.state for one in chunks}),
        contacts_read=preparation.contacts_read,
        contacts_rejected=preparation.contacts_rejected,
        contacts_merged=preparation.contacts_merged,
        contacts_suppressed=preparation.contacts_suppressed,
        contacts_sent=sum(entry.chunk.complete for entry in chunks),
        person_count=counts.person_count,
        error_count=counts.error_count,
        correctable_count=counts.correctable_count,
        cannot_add_to_list_count=counts.cannot_add_to_list_count,
        missing=sum(each.missing for each in verified) if verified else None,
        not_changed=_not_changed(verified),
        requests=requests,
        activities=tuple(_activity(entry) for entry in chunks),
        rejections=preparation.rejections,
        suppressed=preparation.suppressed,
        verification=_verification(looked_for, verified),
        not_arrived=tuple(each for each in named if each.status == "missing"),
        kept_off=tuple(each for each in named if each.status == "kept_off"),
        unchanged=tuple(each for each in named if each.status == "not_changed"),
        merged_lines=preparation.merged_lines,
        rows_with_blanks=preparation.rows_with_blanks,
        unverified=sum(
            each.chunk.complete for each in chunks if each.verified and not each.verified.is_known
        ),
        activity_errors=tuple(problems[:_NAMED]),
        activity_errors_left_out=max(0, len(problems) - _NAMED) + left_out,
    )


def _problems(entry: ChunkProgress) -> list[ActivityProblem]:
    """Return the texts of the service about a chunk, with the lines that they name."""
    activity = entry.activity
    if activity is None or not _is_named(entry):
        return []
    number, lines = entry.chunk.number, dict(enumerate(entry.error_lines))
    return [
        ActivityProblem(number, activity.activity_id, lines.get(place) or None, redact(text))
        for place, text in enumerate(activity.activity_errors)
    ]


def _by_line(chunks: Sequence[ChunkProgress]) -> tuple[NamedContact, ...]:
    """Return the named contacts by their lines alone, as the journal has them."""
    found = []
    for entry in chunks:
        list_ids, seen = entry.chunk.list_ids, entry.verified
        if seen is not None:
            people = [NamedContact(line, "missing", {}, list_ids) for line in seen.missing_lines]
            people += [NamedContact(line, "kept_off", {}, list_ids) for line in seen.kept_off_lines]
            people += [
                NamedContact(line, "not_changed", {}, list_ids) for line in seen.not_changed_lines
            ]
            found += sorted(people, key=lambda person: person.line)
    return tuple(found)


def _not_changed(verified: Sequence[Verified]) -> int | None:
    counts = [each.not_changed for each in verified]
    return sum(filter(None, counts)) if counts and None not in counts else None


def _verification(
    looked_for: Sequence[ChunkProgress], verified: Sequence[Verified]
) -> Verification | None:
    if not verified:
        return None
    return Verification(
        contacts=sum(entry.chunk.complete for entry in looked_for),
        kept_off=sum(each.kept_off for each in verified),
        by=tuple(sorted({each.by for each in verified})),
        is_exact=all(each.not_changed is not None for each in verified),
    )


def _state(states: set[ChunkState]) -> JobState:
    if states & {ChunkState.PLANNED, ChunkState.SUBMITTING, ChunkState.SUBMITTED}:
        return "running"
    if ChunkState.UNCERTAIN in states:
        return "uncertain"
    return "failed" if ChunkState.FAILED in states else "completed"


def _is_named(entry: ChunkProgress) -> bool:
    """Whether the activity of a chunk is that of its last submission."""
    return entry.state in (ChunkState.SUBMITTED, *_ENDED)


def _activity(entry: ChunkProgress) -> ActivityReport:
    activity = entry.activity
    return ActivityReport(
        activity_id=activity.activity_id if activity is not None else None,
        state=activity.state if activity is not None and _is_named(entry) else entry.state.value,
        contacts=entry.chunk.complete,
        bytes=entry.chunk.size,
        addresses=entry.chunk.repeated,
    )
