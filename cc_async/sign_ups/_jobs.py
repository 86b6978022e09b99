"""Bulk sign-ups that survive a crash: begun, gone on with, given up.

A file that can be read again is a job: its journal tells which lines have an outcome, and those
are not sent again. What can be read only once (a pipe, an iterable) is no job, since nobody could
say which person a line was; how often its addresses were tried is remembered all the same.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import anyio
import attrs

from cc_async.errors import InputError, JobNotFoundError
from cc_async.jobs import JobEntry, JobStore, Lease, Origin, job_key, read_origin
from cc_async.limits import Lane
from cc_async.lookups import SuppressionKind
from cc_async.session import Session
from cc_async.sign_ups._attempts import Tries
from cc_async.sign_ups._journal import SignUpJournal, SignUpPlan
from cc_async.sign_ups._outcome_log import Ledger, SignUpBatch
from cc_async.sign_ups._outcomes import SignUpReport
from cc_async.sign_ups._run import SignUpOutcomes, open_sign_ups
from cc_async.sources import Contacts, ReadingOptions, Rules, Source, open_source


@attrs.frozen
class SignUpOptions:
    """How people are to be signed up; see `Bulk.sign_up`."""

    lists: Sequence[str]
    consent: str | None = None
    protect: Sequence[SuppressionKind] = ()
    encoding: str | None = None
    mapping: Mapping[str, str] = attrs.field(factory=dict)
    concurrency: int = 8
    rejects: Path | None = None


@attrs.frozen(eq=False, repr=False)
class SignUpJobs:
    """The bulk sign-ups of one application and account."""

    _session: Session
    _jobs: JobStore

    @asynccontextmanager
    async def sign_up(
        self, people: Contacts, options: SignUpOptions
    ) -> AsyncIterator[SignUpOutcomes]:
        """Sign *people* up, or go on with the same sign-up where it is unfinished."""
        source = open_source(people, _reading(options.encoding, options.mapping))
        if not source.is_rereadable:
            async with self._open(source, options, Ledger(self._tries())) as outcomes:
                yield outcomes
            return
        plan = await self._plan(await read_origin(Path(str(people))), source.name, options)
        async with self._run(plan, source, options) as outcomes:
            yield outcomes

    @asynccontextmanager
    async def resume(
        self, job_id: str | None, *, concurrency: int, rejects: Path | None
    ) -> AsyncIterator[SignUpOutcomes]:
        """Go on with a sign-up; without *job_id*, with the newest unfinished one."""
        plan, _ = await self._journal(job_id or await self._newest()).read()
        source = open_source(
            plan.origin.path, _reading(plan.encoding, plan.mapping), name=plan.name
        )
        origin = await read_origin(Path(plan.origin.path))
        if origin.digest != plan.origin.digest:
            raise _changed(plan.job_id, plan.name)
        options = SignUpOptions(
            lists=plan.lists,
            consent=plan.consent,
            protect=plan.protect,
            encoding=plan.encoding,
            mapping=plan.mapping,
            concurrency=concurrency,
            rejects=rejects,
        )
        async with self._run(plan, source, options) as outcomes:
            yield outcomes

    async def report(self, job_id: str) -> SignUpReport:
        """Return the sum of the outcomes that are written down."""
        _, batches = await self._journal(job_id).read()
        ledger = Ledger(self._tries())
        ledger.restore(batches)
        return SignUpReport.of(ledger.counts, ledger.requests)

    async def cancel(self, job_id: str) -> None:
        """Send nothing more of a sign-up, whoever drives it."""
        lease = Lease(self._jobs.store, job_id)
        await lease.demand()
        async with lease.held():
            await self._jobs.book.settle(job_id, "cancelled")
        await lease.release()

    async def delete(self, job_id: str) -> None:
        """Cancel a sign-up and forget everything about it."""
        await self.cancel(job_id)
        await self._journal(job_id).drop()
        await self._jobs.book.forget(job_id)

    async def has(self, job_id: str) -> bool:
        """Whether the job of that id is a sign-up."""
        return any(entry.job_id == job_id for entry in await self._entries())

    @asynccontextmanager
    async def _run(
        self, plan: SignUpPlan, source: Source, options: SignUpOptions
    ) -> AsyncIterator[SignUpOutcomes]:
        """Drive one job; nobody else does meanwhile."""
        lease = Lease(self._jobs.store, plan.job_id)
        journal = self._journal(plan.job_id)
        try:
            async with lease.held():
                batches = await journal.read_batches()
                ledger = Ledger(self._tries(), _JobKeeper(plan, self._jobs, is_new=batches is None))
                ledger.restore(batches or ())
                async with self._open(source, options, ledger) as outcomes:
                    yield outcomes
        finally:
            with anyio.CancelScope(shield=True):
                await lease.release()

    @asynccontextmanager
    async def _open(
        self, source: Source, options: SignUpOptions, ledger: Ledger
    ) -> AsyncIterator[SignUpOutcomes]:
        async with open_sign_ups(
            self._session.on_lane(Lane.BULK),
            source,
            lists=options.lists,
            rules=Rules(target="sign_up"),
            consent=options.consent,
            protect=options.protect,
            concurrency=options.concurrency,
            ledger=ledger,
            rejects=options.rejects,
        ) as outcomes:
            yield outcomes

    async def _plan(self, origin: Origin, name: str, options: SignUpOptions) -> SignUpPlan:
        """Return the plan of the unfinished job that is the same sign-up, or a new one.

        Raises:
            InputError: There is one, but the file has changed since.
        """
        key = _key(origin, options)
        for entry in await self._entries():
            if entry.key == key and entry.state == "open":
                if entry.digest != origin.digest:
                    raise _changed(entry.job_id, name)
                return (await self._journal(entry.job_id).read())[0]
        return SignUpPlan(
            job_id=uuid4().hex[:12],
            created_at=self._jobs.clock(),
            name=name,
            origin=origin,
            consent=options.consent or "",
            lists=tuple(options.lists),
            protect=tuple(options.protect),
            encoding=options.encoding,
            mapping=dict(options.mapping),
            key=key,
        )

    async def _newest(self) -> str:
        for entry in await self._entries():
            if entry.state == "open":
                return entry.job_id
        raise JobNotFoundError(
            "there is no unfinished sign-up", "`cc-async jobs` shows all jobs there are."
        )

    async def _entries(self) -> list[JobEntry]:
        return [entry for entry in await self._jobs.book.read() if entry.kind == "sign_up"]

    def _journal(self, job_id: str) -> SignUpJournal:
        return SignUpJournal(self._jobs.store, job_id)

    def _tries(self) -> Tries:
        return Tries(self._jobs.store, self._jobs.owner, self._jobs.clock)


@attrs.frozen(eq=False, repr=False)
class _JobKeeper:
    """Writes one job down; a new one when its first request is about to leave."""

    plan: SignUpPlan
    jobs: JobStore
    is_new: bool

    @property
    def job_id(self) -> str:
        return self.plan.job_id

    async def begin(self, people: int) -> None:
        if not self.is_new:
            await self.jobs.book.settle(self.job_id, "open")
            return
        await self._journal.begin(self.plan)
        entry = JobEntry(
            job_id=self.job_id,
            created_at=self.plan.created_at,
            name=self.plan.name,
            contacts=people,
            key=self.plan.key,
            digest=self.plan.origin.digest,
            kind="sign_up",
        )
        for old in await self.jobs.book.add(entry):
            await self.jobs.drop_journal(old)

    async def save(self, batch: SignUpBatch) -> None:
        await self._journal.append(batch)

    async def end(self) -> None:
        await self.jobs.book.settle(self.job_id, "ended")

    @property
    def _journal(self) -> SignUpJournal:
        return SignUpJournal(self.jobs.store, self.job_id)


def _reading(encoding: str | None, mapping: Mapping[str, str]) -> ReadingOptions:
    return ReadingOptions(encoding=encoding, mapping=mapping)


def _changed(job_id: str, name: str) -> InputError:
    return InputError(
        f"the file has changed since sign-up {job_id} began, which is unfinished",
        f"Give it up with `cc-async jobs cancel {job_id}` and sign everybody in the file up: who "
        "has been signed up before is only updated.",
        name,
    )


def _key(origin: Origin, options: SignUpOptions) -> str:
    return job_key(
        "sign_up",
        origin.path,
        lists=sorted(options.lists),
        protect=sorted(options.protect),
        mapping=dict(options.mapping),
        encoding=options.encoding,
    )
