"""Many contacts at once, as users call it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import attrs

from cc_async.client._plans import ImportDryRun, plans_after_reading
from cc_async.imports import ImportJobs, ImportOptions, ImportReport, Job, Preparation
from cc_async.jobs import JobEntry
from cc_async.limits import Lane
from cc_async.lookups import (
    SUPPRESSION_KINDS,
    Preferences,
    Suppress,
    SuppressionKind,
    read_preferences,
)
from cc_async.session import Session
from cc_async.sign_ups import (
    SignUpJobs,
    SignUpOptions,
    SignUpOutcomes,
    SignUpRehearsal,
    SignUpReport,
    rehearse_sign_ups,
)
from cc_async.sources import Contacts as ContactData, ReadingOptions, Rules, open_source


@attrs.frozen(eq=False, repr=False)
class Bulk:
    """Many contacts at once.

    `sign_up` is for people who asked to be mailed, a request each; `import_contacts` is for
    everyone else, and for many: it costs a request for every 39,999.
    """

    _session: Session
    _imports: ImportJobs
    _sign_ups: SignUpJobs

    def sign_up(
        self,
        people: ContactData,
        *,
        lists: Sequence[str],
        consent: str | None = None,
        protect: Collection[SuppressionKind] = SUPPRESSION_KINDS,
        concurrency: int = 8,
        encoding: str | None = None,
        mapping: Mapping[str, str] | None = None,
        rejects: str | Path | None = None,
    ) -> AbstractAsyncContextManager[SignUpOutcomes]:
        """Create or update everyone in *people*, with an `Outcome` for each as answers arrive.

        ::

            async with cc.bulk.sign_up(people, lists=["Newsletter"], consent="explicit") as outcomes:
                async for outcome in outcomes:
                    print(outcome.line, outcome.status)
            print(outcomes.report)

        Rows for the same address are sent one at a time, in order; no address is tried more than
        three times within a day, by whatever run or process. Reading stops while the caller is
        busy; of an iterable nothing is read beyond what is in flight.

        A file is a job: outcomes are written down as they come, and the same sign-up of the same
        file, if it is unfinished, is gone on with: only those are sent who have no outcome, and
        those who failed for no fault of theirs. `SignUpOutcomes.report` counts everybody. Other
        sources cannot be read twice, so they begin anew: keep their outcomes yourself.

        Args:
            people: A file, or an iterable or async iterable of mappings or values.
            lists: Lists by id or exact name, for people whose rows name none.
            consent: Your word that each of them asked to be mailed: `explicit`.
            protect: Who is left alone: those who unsubscribed, those who were deleted. Someone
                whose `consented_at` is later than the opt-out is signed up all the same.
            concurrency: How many requests may be in flight at once.
            encoding: Of a file; UTF-8 unless given.
            mapping: Headings to columns, where the file uses names of its own.
            rejects: Where to write rejected rows, as CSV to be corrected.

        Raises:
            ConsentRequiredError: *consent* is not `explicit`; nothing was sent.
            InputError: The people cannot be read.
            UnknownNameError: The account has no such list or custom field.
            JobBusyError: Another process is at work on the same sign-up.
            DailyQuotaError, AuthError, TransportError, ServerError, StoreError: While iterating:
                nobody else would fare better; everyone before has an outcome.

        Cancellation:
            Reading stops; what is in flight has ten seconds to finish.
        """
        options = SignUpOptions(
            lists=lists,
            consent=consent,
            protect=tuple(protect),
            encoding=encoding,
            mapping=mapping or {},
            concurrency=concurrency,
            rejects=None if rejects is None else Path(rejects),
        )
        return self._sign_ups.sign_up(people, options)

    def resume_sign_up(
        self,
        job_id: str | None = None,
        *,
        concurrency: int = 8,
        rejects: str | Path | None = None,
    ) -> AbstractAsyncContextManager[SignUpOutcomes]:
        """Go on with an unfinished sign-up of a file; by default with the newest one.

        Whoever has an outcome is not sent again. Who must be left alone is looked up anew; the
        consent that was given for the file holds. The file must be where it was, unchanged.

        Args:
            job_id: `SignUpOutcomes.job_id` of the sign-up.
            concurrency: How many requests may be in flight at once.
            rejects: Where to write rejected rows, as CSV to be corrected; all of the file's.

        Raises:
            JobNotFoundError: There is no such sign-up, or no unfinished one.
            JobBusyError: Another process is at work on it.
            InputError: The file is gone or has changed.

        Cancellation:
            As for `sign_up`.
        """
        place = None if rejects is None else Path(rejects)
        return self._sign_ups.resume(job_id, concurrency=concurrency, rejects=place)

    async def rehearse_sign_ups(
        self,
        people: ContactData,
        *,
        lists: Sequence[str],
        protect: Collection[SuppressionKind] = SUPPRESSION_KINDS,
        encoding: str | None = None,
        mapping: Mapping[str, str] | None = None,
        rejects: str | Path | None = None,
        on_read: Callable[[int], None] | None = None,
    ) -> SignUpRehearsal:
        """Read and check *people* as `sign_up` would, and tell what it would cost.

        Nobody is signed up; a few requests look at the account.

        Args:
            people: As for `sign_up`.
            lists: Lists by id or exact name.
            protect: Who would be left alone.
            encoding: Of a file; UTF-8 unless given.
            mapping: Headings to columns, where the file uses names of its own.
            rejects: Where to write rejected rows, as CSV to be corrected.
            on_read: Called with the number of rows while reading.

        Raises:
            InputError: The people cannot be read.
            UnknownNameError: The account has no such list or custom field.
        """
        return await rehearse_sign_ups(
            self._session.on_lane(Lane.BULK),
            open_source(people, ReadingOptions(encoding=encoding, mapping=mapping or {})),
            lists=lists,
            rules=Rules(target="sign_up"),
            protect=protect,
            rejects=None if rejects is None else Path(rejects),
            on_read=on_read,
        )

    async def import_contacts(
        self,
        source: ContactData,
        *,
        lists: Sequence[str],
        suppress: Suppress = (),
        options: ImportOptions = ImportOptions(),  # noqa: B008 - a frozen value
    ) -> ImportReport:
        """Import contacts, wait for the service to finish, and return the report.

        As `submit_import`, whose job it awaits: the same arguments, errors and cancellation.
        """
        job = await self.submit_import(source, lists=lists, suppress=suppress, options=options)
        try:
            return await job
        finally:
            await job.aclose()

    async def submit_import(
        self,
        source: ContactData,
        *,
        lists: Sequence[str],
        suppress: Suppress = (),
        options: ImportOptions = ImportOptions(),  # noqa: B008 - a frozen value
        on_read: Callable[[Preparation], None] | None = None,
    ) -> Job:
        """Read, check and cut contacts, and return the job that sends them when awaited.

        A bad row is set aside with its line, column and reason. Suppressed contacts are skipped;
        then the last row for each address is kept. Imports change no permission and send no
        welcome mail. The same import of the same file, if it is unfinished, goes on.

        When the service has finished, the lists can be read back to find out which contacts
        arrived (`ImportOptions.verify`). It costs an export of each list, or a request for
        every 500 people on it, whichever is less.

        Args:
            source: A file, or an iterable or async iterable of mappings or values.
            lists: Lists by id or exact name, for contacts whose rows name none.
            suppress: Addresses to leave out: the path of a file with a column for the address or
                one address a line, or an iterable of addresses and `Path` objects of files.
            options: How to read, check and send.
            on_read: Called with the counts while reading.

        Raises:
            InputError: The contacts cannot be read, or have an unknown column.
            UnknownNameError: The account has no such list.
            StoreError: The job cannot be written to its store.
        """
        return await self._imports.submit(source, lists, suppress, options, on_read)

    async def dry_run_import(
        self,
        source: ContactData,
        *,
        lists: Sequence[str],
        suppress: Suppress = (),
        options: ImportOptions = ImportOptions(),  # noqa: B008 - a frozen value
        on_read: Callable[[Preparation], None] | None = None,
    ) -> ImportDryRun:
        """Read, check and cut contacts, and return what the import would do and cost.

        Nothing is sent but the few requests that look at the account; no list is made. An
        iterable that can be read only once is used up.

        Args:
            source: As for `submit_import`, and all other arguments likewise.

        Raises:
            InputError: The contacts cannot be read, or have an unknown column.
            UnknownNameError: The account has no such list.
            StoreError: The store of the budget is out of reach.
        """
        report = await self._imports.dry_run(source, lists, suppress, options, on_read)
        budget = await self._session.budget.statistics()
        now = dt.datetime.now(dt.UTC)
        return ImportDryRun(report, plans_after_reading(report, budget, now, verify=options.verify))

    async def preferences(
        self, kinds: Collection[SuppressionKind] = SUPPRESSION_KINDS
    ) -> Preferences:
        """Return everybody who unsubscribed or was deleted: pull this before you push.

        It costs a request for every 500 of them; *protect* of an import or a sign-up does the
        same for the people at hand, at less cost. It does not hold people who left a single
        list: no contact says so.
        """
        return await read_preferences(self._session.on_lane(Lane.BULK), kinds)

    async def resume(
        self,
        job_id: str | None = None,
        *,
        resend_uncertain: bool = False,
        resend_failed: bool = False,
    ) -> Job:
        """Return an unfinished import, to be awaited; by default the newest one.

        Any process that uses the same store can go on with it.

        Args:
            job_id: `Job.id` of the import.
            resend_uncertain: Send bodies again whose answer was lost and could not be looked
                up. An import sets values, so a repeat costs time, not data.
            resend_failed: Send bodies again whose activity failed, was cancelled, timed out or
                vanished.

        Raises:
            JobNotFoundError: There is no such job, or no unfinished one.
            JobBusyError: Another process is at work on it.
        """
        job = await self._imports.resume(job_id)
        if resend_uncertain or resend_failed:
            await job.resend(uncertain=resend_uncertain, failed=resend_failed)
        return job

    async def sign_up_report(self, job_id: str) -> SignUpReport:
        """Return the sum of the outcomes that a sign-up has so far, whoever drives it.

        Rejected rows are not among them: they are told by whoever reads the file.

        Raises:
            JobNotFoundError: There is no such job.
        """
        return await self._sign_ups.report(job_id)

    async def jobs(self) -> tuple[JobEntry, ...]:
        """Return the imports and the sign-ups of files that the store knows, the newest first."""
        return await self._imports.entries()

    async def cancel(self, job_id: str) -> None:
        """Send nothing more of a job; what the service has accepted, it carries out.

        Whoever is at work on it, here or in another process, is told by a `JobCancelledError`.

        Raises:
            JobNotFoundError: There is no such job.
            JobBusyError: Whoever is at work on it did not let go within 35 seconds.
        """
        if await self._sign_ups.has(job_id):
            await self._sign_ups.cancel(job_id)
        else:
            await self._imports.cancel(job_id)

    async def delete(self, job_id: str) -> None:
        """Cancel a job and forget everything about it; errors as for `cancel`."""
        if await self._sign_ups.has(job_id):
            await self._sign_ups.delete(job_id)
        else:
            await self._imports.delete(job_id)
