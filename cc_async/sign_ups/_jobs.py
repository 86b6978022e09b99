"""Bulk sign-ups that survive a crash: started, resumed, cancelled.

A file that can be read again is a job: its journal holds the lines with a final outcome, and those
are not sent again. A pipe or an iterable can be read only once, so a sign-up of it is no job: a
line of it means nothing later. Attempts for its addresses are remembered all the same.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import ClassVar
from uuid import uuid4

import anyio
import attrs

from cc_async.errors import InputChangedError, StoreError
from cc_async.jobs import (
    GuardedTransport,
    JobEntry,
    JobKind,
    JobKindName,
    JobStore,
    Lease,
    SourceFile,
    job_key,
    read_source_file,
)
from cc_async.limits import Lane
from cc_async.lookups import Suppress, read_suppressed_addresses
from cc_async.session import Session
from cc_async.sign_ups._attempts import AttemptLimiter
from cc_async.sign_ups._journal import SignUpJournal, SignUpPlan
from cc_async.sign_ups._options import SignUpOptions
from cc_async.sign_ups._outcome_file import keeping_outcomes
from cc_async.sign_ups._outcome_log import OutcomeBatch, OutcomeLog, WrittenOutcome
from cc_async.sign_ups._outcomes import Outcome, SignUpReport
from cc_async.sign_ups._run import SignUpArguments, SignUpOutcomes, open_sign_ups
from cc_async.sources import ContactData, Source, check_outputs, input_files, open_source


@attrs.frozen(eq=False, repr=False)
class SignUpJobs(JobKind):
    """The bulk sign-ups of one account."""

    kind: ClassVar[JobKindName] = "sign_up"
    title: ClassVar[str] = "sign-up"

    _session: Session

    @asynccontextmanager
    async def sign_up(
        self, contacts: ContactData, arguments: SignUpArguments, suppress: Suppress
    ) -> AsyncIterator[SignUpOutcomes]:
        """Sign *contacts* up, or resume the same sign-up if it is unfinished."""
        source = open_source(contacts, arguments.options.reading)
        addresses = await read_suppressed_addresses(suppress)
        options = arguments.options
        check_outputs(
            {"rejects": options.rejects, "outcomes": options.outcomes},
            kept=(*input_files(contacts), *addresses.files, *self._jobs.files),
        )
        await self._jobs.account()
        arguments = attrs.evolve(arguments, addresses=addresses)
        if not source.is_rereadable:
            async with keeping_outcomes(options.outcomes) as keep:
                log = OutcomeLog(keep=keep)
                async with self._open(source, arguments, log) as outcomes:
                    yield outcomes
            return
        file = await read_source_file(Path(str(contacts)))
        plan, is_new = await self._plan(file, source.name, arguments)
        async with self._run(plan, source, arguments, is_new=is_new) as outcomes:
            yield outcomes

    @asynccontextmanager
    async def resume(
        self, job_id: str | None, options: SignUpOptions, *, concurrency: int
    ) -> AsyncIterator[SignUpOutcomes]:
        """Resume a sign-up; without *job_id*, the newest unfinished one.

        Of *options* only the outputs count.
        """
        plan, _ = await self._read(await self.newest_open() if job_id is None else job_id)
        check_outputs(
            {"rejects": options.rejects, "outcomes": options.outcomes},
            kept=(Path(plan.file.path), *self._jobs.files),
        )
        source = open_source(plan.file.path, plan.reading, name=plan.name)
        file = await read_source_file(Path(plan.file.path))
        if file.digest != plan.file.digest:
            raise _changed(plan.job_id, plan.name)
        options = attrs.evolve(options, reading=plan.reading, protect=plan.protect)
        arguments = SignUpArguments(plan.lists, plan.consent, options, concurrency)
        async with self._run(plan, source, arguments) as outcomes:
            yield outcomes

    async def report(self, job_id: str) -> SignUpReport:
        """Return the sum of the outcomes that are written down."""
        return (await self._written(job_id)).report_of_all()

    async def not_signed_up(self, job_id: str) -> tuple[Outcome, ...]:
        """Return the outcomes that are written down of people who were not signed up."""
        return tuple((await self._written(job_id)).not_signed_up(only_final=False))

    @asynccontextmanager
    async def _run(
        self, plan: SignUpPlan, source: Source, arguments: SignUpArguments, *, is_new: bool = False
    ) -> AsyncIterator[SignUpOutcomes]:
        """Run one job; no other process runs it meanwhile. Until it begins, a new one leaves none."""
        lease = Lease(self._jobs.store, plan.job_id)
        written = _JobOutcomes(plan, self._jobs, is_new=is_new)
        try:
            async with lease.held(), keeping_outcomes(arguments.options.outcomes) as keep:
                log = OutcomeLog(written, keep)
                log.restore(await self._journal(plan.job_id).read_batches() or ())
                async with self._open(source, arguments, log, lease) as outcomes:
                    yield outcomes
        except BaseException:
            if written.is_new:
                with anyio.CancelScope(shield=True), suppress(StoreError):
                    await self._take_back(plan.job_id)
            raise
        finally:
            with anyio.CancelScope(shield=True):
                await lease.release()

    @asynccontextmanager
    async def _open(
        self,
        source: Source,
        arguments: SignUpArguments,
        log: OutcomeLog,
        lease: Lease | None = None,
    ) -> AsyncIterator[SignUpOutcomes]:
        """Begin to sign up; with a *lease*, nothing leaves after it was lost."""
        account = await self._jobs.account()
        await self._jobs.clock.read()
        attempts = AttemptLimiter(self._jobs.store, account, self._jobs.clock)
        session = self._session.on_lane(Lane.BULK)
        if lease is not None:
            guarded = GuardedTransport(session.transport, lease.require)
            session = attrs.evolve(session, transport=guarded)
        async with open_sign_ups(
            session, source, arguments, log=log, attempts=attempts
        ) as outcomes:
            yield outcomes

    async def _plan(
        self, file: SourceFile, name: str, arguments: SignUpArguments
    ) -> tuple[SignUpPlan, bool]:
        """Return the plan of the unfinished job that is the same sign-up, or a new one and true.

        Raises:
            InputChangedError: There is one, but the file has changed since.
            JobBusyError: Another process prepares the same sign-up.
        """
        key = _key(file, arguments)
        job_id, now = uuid4().hex[:12], await self._jobs.clock.read()
        new = JobEntry(job_id, now, name, 0, key=key, digest=file.digest, kind="sign_up")
        claimed = await self._claim(new)
        if claimed.job_id != job_id:
            if claimed.digest != file.digest:
                raise _changed(claimed.job_id, name)
            return (await self._journal(claimed.job_id).read())[0], False
        plan = SignUpPlan(
            job_id=job_id,
            created_at=now,
            name=name,
            file=file,
            consent=arguments.consent,
            lists=tuple(arguments.lists),
            protect=tuple(arguments.options.protect),
            reading=arguments.options.reading,
            key=key,
        )
        return plan, True

    async def _written(self, job_id: str) -> OutcomeLog:
        _, batches = await self._read(job_id)
        log = OutcomeLog()
        log.restore(batches)
        return log

    async def _read(self, job_id: str) -> tuple[SignUpPlan, list[OutcomeBatch]]:
        await self.require_begun(job_id)
        return await self._journal(job_id).read()

    def _journal(self, job_id: str) -> SignUpJournal:
        return SignUpJournal(self._jobs.store, job_id)


@attrs.define(eq=False, repr=False)
class _JobOutcomes:
    """The outcomes of one job in its journal; a new job is *is_new* until `start` has ended."""

    plan: SignUpPlan
    jobs: JobStore
    is_new: bool

    @property
    def job_id(self) -> str:
        return self.plan.job_id

    async def start(self, people: int, suppressed: Sequence[WrittenOutcome]) -> None:
        if not self.is_new:
            await self.jobs.registry.reopen(self.job_id)
            return
        await self._journal.start(self.plan, suppressed)
        entry = JobEntry(
            job_id=self.job_id,
            created_at=self.plan.created_at,
            name=self.plan.name,
            contacts=people,
            key=self.plan.key,
            digest=self.plan.file.digest,
            kind="sign_up",
        )
        await self.jobs.add(entry)
        self.is_new = False

    async def append(self, batch: OutcomeBatch) -> None:
        await self.jobs.clock.read()
        await self._journal.append(batch)

    async def end(self) -> None:
        await self.jobs.registry.finish(self.job_id, "ended")

    @property
    def _journal(self) -> SignUpJournal:
        return SignUpJournal(self.jobs.store, self.job_id)


def _changed(job_id: str, name: str) -> InputChangedError:
    return InputChangedError(
        f"the file has changed since sign-up {job_id} started, which is unfinished",
        f"Cancel job {job_id}, then sign up the whole file: people who are signed up already are "
        "only updated.",
        name,
        job_id=job_id,
    )


def _key(file: SourceFile, arguments: SignUpArguments) -> str:
    reading = arguments.options.reading
    return job_key(
        "sign_up",
        file.path,
        lists=sorted(arguments.lists),
        protect=sorted(arguments.options.protect),
        suppress=arguments.addresses.digest,
        read_as=reading.read_as,
        encoding=reading.encoding,
        mapping=dict(reading.mapping),
        max_email=reading.max_email,
        max_phone=reading.max_phone,
    )
