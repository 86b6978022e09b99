"""The imports of an account: planned, resumed, cancelled."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import ClassVar
from uuid import uuid4

import anyio
import attrs

from cc_async.errors import InputChangedError, JobNotFoundError, StoreError
from cc_async.imports._bodies import Bodies, clean_up, open_bodies
from cc_async.imports._chunk import ChunkProgress
from cc_async.imports._job import Job
from cc_async.imports._journal import ImportJournal, ImportPlan, JournalEvent
from cc_async.imports._options import ImportOptions
from cc_async.imports._planner import Planner
from cc_async.imports._report import ImportReport, Preparation, make_report
from cc_async.jobs import (
    JobEntry,
    JobKind,
    JobKindName,
    Lease,
    SourceFile,
    job_key,
    read_source_file,
)
from cc_async.limits import Lane
from cc_async.lookups import (
    Suppress,
    SuppressedAddresses,
    check_list_names,
    read_suppressed_addresses,
)
from cc_async.session import RequestCount, Session
from cc_async.sources import (
    ContactData,
    check_outputs,
    input_files,
    open_source,
)
from cc_async.stores import MemoryStore

_DRY_RUN = "0" * 12
"""The id of a job in a dry run; as long as a real one, so that sizes are exact."""


@attrs.frozen(eq=False, repr=False)
class ImportJobs(JobKind):
    """The import jobs of one account."""

    kind: ClassVar[JobKindName] = "import"
    title: ClassVar[str] = "import"

    _session: Session
    _settle_seconds: float
    _answer_within: float

    async def submit(
        self,
        contacts: ContactData,
        lists: Sequence[str],
        suppress: Suppress,
        options: ImportOptions,
        on_read: Callable[[Preparation], None] | None,
    ) -> Job:
        """Plan an import, or resume the same one if it is unfinished."""
        options.check()
        check_list_names(lists)
        addresses = await read_suppressed_addresses(suppress)
        self._check_outputs(contacts, addresses, options)
        source = open_source(contacts, options.reading)
        await self._jobs.account()
        file = await read_source_file(Path(str(contacts))) if source.is_rereadable else None
        key = _import_key(file, lists, addresses, options)
        now = await self._jobs.clock.read()
        new = JobEntry(uuid4().hex[:12], now, source.name, 0, key=key, digest=_digest(file))
        claimed = await self._claim(new)
        if claimed.job_id != new.job_id:
            _require_same_content(claimed, file, source.name)
            return await self.resume(claimed.job_id, missing=options.missing)
        session = self._own_session()
        planner = Planner(session, source, lists, addresses, options, on_read, file)
        lease = Lease(self._jobs.store, new.job_id)
        async with self._preparing(new.job_id, lease) as bodies:
            counted, chunks = await planner.plan(new.job_id, bodies.folder)
            plan = ImportPlan(
                new.job_id,
                new.created_at,
                source.name,
                counted,
                chunks,
                key=key,
                source=file,
                verify=options.verify,
                missing=_path_text(options.missing),
                rejects=_path_text(options.rejects),
                requests=session.request_count.requests,
            )
            await self._write(plan, bodies)
        return self._open(plan, (), bodies, lease)

    @asynccontextmanager
    async def _preparing(self, job_id: str, lease: Lease) -> AsyncIterator[Bodies]:
        """Prepare a claimed job under its lease; where that fails, it is taken back whole.

        The journal goes before the bodies: while it refers to them, they are there.
        """
        bodies: Bodies | None = None
        try:
            async with lease.held():
                await clean_up(self._jobs.store, self._jobs.home)
                bodies = open_bodies(self._jobs.store, job_id, self._jobs.home, is_new=True)
                yield bodies
        except BaseException:  # also a cancellation while the block above is left
            with anyio.CancelScope(shield=True), suppress(StoreError):
                await self._jobs.drop_journal(job_id)
                if bodies is not None:
                    await bodies.drop_all([])
                await self._jobs.registry.forget(job_id)
            raise
        finally:
            with anyio.CancelScope(shield=True), suppress(StoreError):
                await lease.release()

    async def _write(self, plan: ImportPlan, bodies: Bodies) -> None:
        """Make a job durable: bodies, then the journal that refers to them, then its entry."""
        for chunk in plan.chunks:
            await bodies.keep(chunk)
        await ImportJournal(self._jobs.store, plan.job_id).begin(plan)
        await self._jobs.add(_registry_entry(plan))
        await bodies.hand_over()

    async def dry_run(
        self,
        contacts: ContactData,
        lists: Sequence[str],
        suppress: Suppress,
        options: ImportOptions,
        on_read: Callable[[Preparation], None] | None,
    ) -> ImportReport:
        """Plan an import without sending it: no list is made, and nothing is kept."""
        options.check()
        check_list_names(lists)
        addresses = await read_suppressed_addresses(suppress)
        self._check_outputs(contacts, addresses, options)
        session, source = self._own_session(), open_source(contacts, options.reading)
        file = None
        if source.is_rereadable and options.protect:
            file = await read_source_file(Path(str(contacts)))
        store = MemoryStore()  # its folder is deleted with it
        bodies = open_bodies(store, _DRY_RUN, self._jobs.home)
        planner = Planner(
            session, source, lists, addresses, options, on_read, file, is_dry_run=True
        )
        try:
            counted, chunks = await planner.plan(_DRY_RUN, bodies.folder)
        finally:
            await bodies.drop_all([])
        entries = [ChunkProgress(chunk) for chunk in chunks]
        return make_report(_DRY_RUN, counted, entries, session.request_count.requests)

    async def resume(self, job_id: str | None = None, *, missing: Path | None = None) -> Job:
        """Return a job with its progress; without *job_id*, the newest unfinished one.

        *missing* is the file for contacts that did not arrive, in place of the planned one.

        Raises:
            JobNotFoundError: There is none, or it is no import.
            StoredFormatError: Another version of the package wrote its journal.
        """
        job_id = await self.newest_open() if job_id is None else job_id
        await self.require_begun(job_id)
        await self._jobs.clock.read()
        journal = ImportJournal(self._jobs.store, job_id)
        plan, events = await journal.read()
        plan = attrs.evolve(plan, missing=_path_text(missing) or plan.missing)
        bodies = open_bodies(self._jobs.store, job_id, self._jobs.home)
        lease = Lease(self._jobs.store, job_id)
        return self._open(plan, events, bodies, lease)

    async def _drop_unsent(self, job_id: str) -> None:
        bodies = open_bodies(self._jobs.store, job_id, self._jobs.home)
        try:
            plan, _ = await ImportJournal(self._jobs.store, job_id).read()
        except JobNotFoundError:  # it was still being prepared
            await bodies.drop_all([])
            return
        await bodies.drop_all([chunk.number for chunk in plan.chunks])

    def _check_outputs(
        self, contacts: ContactData, addresses: SuppressedAddresses, options: ImportOptions
    ) -> None:
        check_outputs(
            {"rejects": options.rejects, "missing": options.missing},
            kept=(*input_files(contacts), *addresses.files, *self._jobs.files),
        )

    def _own_session(self) -> Session:
        return self._session.on_lane(Lane.BULK, RequestCount())

    def _open(
        self,
        plan: ImportPlan,
        events: Sequence[JournalEvent | None],
        bodies: Bodies,
        lease: Lease,
    ) -> Job:
        return Job(
            plan,
            events,
            session=self._own_session(),
            store=self._jobs,
            bodies=bodies,
            lease=lease,
            settle_seconds=self._settle_seconds,
            answer_within=self._answer_within,
        )


def _registry_entry(plan: ImportPlan) -> JobEntry:
    return JobEntry(
        job_id=plan.job_id,
        created_at=plan.created_at,
        name=plan.name,
        contacts=sum(chunk.complete for chunk in plan.chunks),
        key=plan.key,
        digest=_digest(plan.source),
    )


def _digest(file: SourceFile | None) -> str:
    return file.digest if file else ""


def _require_same_content(entry: JobEntry, file: SourceFile | None, name: str) -> None:
    """Refuse to go on with the job of *entry* after its file has changed."""
    if entry.digest != _digest(file):
        raise InputChangedError(
            f"the file has changed since job {entry.job_id} began, which is unfinished",
            "Finish that job or cancel it, then import the file again.",
            name,
            job_id=entry.job_id,
        )


def _path_text(path: Path | None) -> str:
    return "" if path is None else os.path.realpath(path)


def _import_key(
    file: SourceFile | None,
    lists: Sequence[str],
    addresses: SuppressedAddresses,
    options: ImportOptions,
) -> str:
    if file is None:
        return ""
    return job_key(
        "import",
        file.path,
        lists=sorted(lists),
        suppress=addresses.digest,
        protect=sorted(options.protect),
        read_as=options.reading.read_as,
        encoding=options.reading.encoding,
        mapping=dict(options.reading.mapping),
        max_email=options.reading.max_email,
        max_phone=options.reading.max_phone,
        send_as=options.send_as,
        sms_permission=options.sms_permission,
    )
