"""Many contacts at once, as users call it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import attrs

from cc_async.client._plans import ImportDryRun, plans_after_reading
from cc_async.imports import ImportJobs, ImportOptions, ImportReport, Job, Preparation
from cc_async.jobs import JobEntry, JobKind, JobStore
from cc_async.limits import Lane
from cc_async.lookups import (
    SUPPRESSION_KINDS,
    Preferences,
    Suppress,
    SuppressionKind,
    read_preferences,
    read_suppressed_addresses,
)
from cc_async.session import Session
from cc_async.sign_ups import (
    Outcome,
    SignUpArguments,
    SignUpDryRun,
    SignUpJobs,
    SignUpOptions,
    SignUpOutcomes,
    SignUpReport,
    dry_run_sign_ups,
)
from cc_async.sources import ContactData, check_outputs, input_files, open_source


@attrs.frozen(eq=False, repr=False)
class Bulk:
    """Many contacts at once, as `ConstantContact.bulk`.

    `sign_up` is for people with your word that they asked to be mailed: it makes them explicit
    subscribers, at a request for each. `import_contacts` is for all other contacts, and for many: it changes no
    permission, and a request carries up to 39,999 of them. `dry_run_sign_up` and `dry_run_import`
    read and check everything, and tell the cost of either.

    Work on a file is a job: it is written down as it proceeds, and `resume_sign_up` or `resume`
    continues it after a crash, in any process on the same store. `jobs` lists all of them.
    """

    _session: Session
    _jobs: JobStore
    _imports: ImportJobs
    _sign_ups: SignUpJobs

    def sign_up(
        self,
        source: ContactData,
        *,
        lists: Sequence[str],
        consent: str,
        suppress: Suppress = (),
        concurrency: int = 8,
        options: SignUpOptions = SignUpOptions(),
    ) -> AbstractAsyncContextManager[SignUpOutcomes]:
        """Create or update each person in *source*; yield an `Outcome` as each answer arrives.

        ::

            async with cc.bulk.sign_up(people, lists=["Newsletter"], consent="explicit") as outcomes:
                async for outcome in outcomes:
                    print(outcome.line, outcome.status)
            print(outcomes.report)

        Rows for the same address are sent one at a time, in order. An address is attempted at
        most three times a day, by all runs and processes together. While the caller is busy with
        an outcome, reading stops; of an iterable nothing is read beyond the rows in flight.

        A file is a job: its outcomes are written down as they come. The same sign-up of the same
        file, if it is unfinished, is resumed: rows with a final outcome are not sent again, rows
        that failed because of the network or the service are. `SignUpOutcomes.report` counts
        the rows of all runs. An iterable or a pipe cannot be read twice, so its sign-up cannot
        be resumed: keep its outcomes yourself.

        Args:
            source: The path of a file, or an iterable or async iterable of mappings, `SignUp` or
                `Contact`.
            lists: Lists by id or exact name, for rows that name none.
            consent: `explicit`: you confirm that each person asked to be mailed.
            suppress: Addresses to leave out: the path of a file with a column for the address or
                one address a line, or an iterable of addresses and `Path` objects of files.
            concurrency: How many requests may be in flight at once.
            options: How to read the source, and the opt-outs to leave out: by default unsubscribed
                and deleted people.

        Raises:
            ConsentRequiredError: *consent* is not `explicit`; nothing was sent.
            InputError: The source or a file of *suppress* cannot be read; nothing was sent.
            UnknownNameError: The account has no such list or custom field; nothing was sent.
            InputChangedError: The file has changed since the unfinished sign-up of it started.
            JobBusyError: Another process is running the same sign-up.
            DailyQuotaError, AuthError, TransportError, ServerError, StoreError: While iterating:
                the sign-up stopped, since all other people would meet this error, too. All
                people before have an outcome.

        Cancellation:
            Reading stops; requests in flight have ten seconds to finish.
        """
        arguments = SignUpArguments(lists, consent, options, concurrency)
        return self._sign_ups.sign_up(source, arguments, suppress)

    def resume_sign_up(
        self,
        job_id: str | None = None,
        *,
        concurrency: int = 8,
        rejects: str | Path | None = None,
        outcomes: str | Path | None = None,
    ) -> AbstractAsyncContextManager[SignUpOutcomes]:
        """Resume an unfinished sign-up of a file; by default the newest one.

        People with a final outcome are not sent again. Opt-outs are looked up anew; the consent,
        the suppressed addresses and the options of the first run hold. The file must be in its
        place, unchanged.

        Args:
            job_id: `SignUpOutcomes.job_id` of the sign-up.
            concurrency: How many requests may be in flight at once.
            rejects: Where to write all rejected rows of the file, as CSV to be corrected.
            outcomes: Where to write the outcome of each person; see `SignUpOptions`.

        Raises:
            JobNotFoundError: There is no such sign-up, or no unfinished one.
            JobBusyError: Another process is running it.
            InputError: The file is gone or has changed.
            StoredFormatError: Another version of this package wrote the sign-up down.

        Cancellation:
            As for `sign_up`.
        """
        options = SignUpOptions(rejects=rejects, outcomes=outcomes)
        return self._sign_ups.resume(job_id, options, concurrency=concurrency)

    async def dry_run_sign_up(
        self,
        source: ContactData,
        *,
        lists: Sequence[str],
        suppress: Suppress = (),
        concurrency: int = 8,
        options: SignUpOptions = SignUpOptions(),
        on_read: Callable[[int], None] | None = None,
    ) -> SignUpDryRun:
        """Read and check *source* as `sign_up` would; return the counts and the cost.

        Only a few requests look at the account. An iterable that can be read only once is used up.

        Args:
            source: As for `sign_up`, and so the next four.
            lists: Lists by id or exact name.
            suppress: Addresses to leave out.
            concurrency: How many requests may be in flight at once.
            options: How to read the source, and the opt-outs to leave out.
            on_read: Called with the number of rows while reading.

        Raises:
            InputError: The source or a file of *suppress* cannot be read.
            UnknownNameError: The account has no such list or custom field.
            StoreError: The store of the budget cannot be reached.
        """
        addresses = await read_suppressed_addresses(suppress)
        check_outputs(
            {"rejects": options.rejects, "outcomes": options.outcomes},
            kept=(*input_files(source), *addresses.files, *self._jobs.files),
        )
        return await dry_run_sign_ups(
            self._session.on_lane(Lane.BULK),
            open_source(source, options.reading),
            lists=lists,
            addresses=addresses,
            concurrency=concurrency,
            options=options,
            on_read=on_read,
        )

    async def import_contacts(
        self,
        source: ContactData,
        *,
        lists: Sequence[str],
        suppress: Suppress = (),
        options: ImportOptions = ImportOptions(),
    ) -> ImportReport:
        """Import contacts, wait for the service to finish, and return the report.

        It awaits the job of `submit_import`: the same arguments, errors and cancellation.
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
        options: ImportOptions = ImportOptions(),
        on_read: Callable[[Preparation], None] | None = None,
    ) -> Job:
        """Read, check and cut contacts, and return the job that sends them when awaited.

        A bad row is rejected with its line, column and reason. So is a `Contact` that must not be
        mailed, or has values that an import cannot carry. Suppressed contacts are skipped; then
        the last row for each address is kept. Imports change no permission and send no
        welcome mail. The same import of the same file, if it is unfinished, goes on.

        When the service has finished, the lists can be read back to find the contacts that
        arrived (`ImportOptions.verify`). It costs an export of each list, or a request for
        every 500 people on it, whichever is less.

        Args:
            source: A file, or an iterable or async iterable of mappings or values.
            lists: Lists by id or exact name, for rows that name none.
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
        options: ImportOptions = ImportOptions(),
        on_read: Callable[[Preparation], None] | None = None,
    ) -> ImportDryRun:
        """Read, check and cut contacts, and return the counts and the cost of the import.

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
        """Return all people of the account that unsubscribed or were deleted.

        It costs a request for every 500 of them. The option `protect` of an import or a sign-up
        leaves them out at less cost. People that left a single list are not included: no contact
        says so.
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

        Any process on the same store can resume it.

        Args:
            job_id: `Job.id` of the import.
            resend_uncertain: Send chunks again after their answer was lost and could not be
                looked up; people who left a list meanwhile are put back on it.
            resend_failed: Send chunks again after their activity failed, was cancelled, timed
                out or vanished, with the same effect.

        Raises:
            JobNotFoundError: There is no such import, or no unfinished one.
            JobBusyError: Another process is running it.
            StoredFormatError: Another version of this package wrote the import down.
        """
        job = await self._imports.resume(job_id)
        if resend_uncertain or resend_failed:
            await job.resend(uncertain=resend_uncertain, failed=resend_failed)
        return job

    async def sign_up_report(self, job_id: str) -> SignUpReport:
        """Return the sum of a sign-up's outcomes so far, even if another process is running it.

        Raises:
            JobNotFoundError: There is no such job.
            StoredFormatError: Another version of this package wrote the sign-up down.
        """
        return await self._sign_ups.report(job_id)

    async def not_signed_up(self, job_id: str) -> tuple[Outcome, ...]:
        """Return the people of a sign-up who were not signed up so far, in the order of the file.

        They were rejected, suppressed, refused by the service, or are unknown; each outcome has
        the line and the reason. Addresses are not kept.

        Raises:
            JobNotFoundError: There is no such job.
            StoredFormatError: Another version of this package wrote the sign-up down.
        """
        return await self._sign_ups.not_signed_up(job_id)

    async def jobs(self) -> tuple[JobEntry, ...]:
        """Return the account's imports, and its sign-ups of files; newest first.

        A job that is being prepared is listed while its process lives.
        """
        return await self._jobs.entries()

    async def cancel(self, job_id: str) -> None:
        """Send nothing more of a job. The service carries out the requests it has accepted.

        A task or process that is running the job gets a `JobCancelledError`.

        Raises:
            JobNotFoundError: There is no such job.
            JobBusyError: The process that is running it did not stop within 35 seconds.
        """
        await (await self._kind_of(job_id)).cancel(job_id)

    async def delete(self, job_id: str) -> None:
        """Cancel a job and delete all records of it; errors as for `cancel`."""
        await (await self._kind_of(job_id)).delete(job_id)

    async def _kind_of(self, job_id: str) -> JobKind:
        kinds: dict[str, JobKind] = {each.kind: each for each in (self._imports, self._sign_ups)}
        return kinds[(await self._jobs.entry(job_id)).kind]
