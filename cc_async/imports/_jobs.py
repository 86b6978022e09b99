"""Planning imports, going on with them, and giving them up."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from uuid import uuid4

import attrs

from cc_async.errors import InputError, InvalidRequestError, JobNotFoundError
from cc_async.imports._bodies import Bodies, clear_up, open_bodies
from cc_async.imports._chunk_progress import Progressing
from cc_async.imports._job import Job
from cc_async.imports._journal import Journal, replay
from cc_async.imports._plan import JobPlan
from cc_async.imports._planner import prepare
from cc_async.imports._report import Preparation
from cc_async.imports._spool import Spool
from cc_async.jobs import JobEntry, JobStore, Lease, Origin, job_key, read_origin
from cc_async.limits import Lane
from cc_async.lookups import (
    Directory,
    ListMaker,
    Suppress,
    SuppressedAddresses,
    SuppressionKind,
    check_suppression_kinds,
    open_suppression,
    read_directory,
    read_suppressed_addresses,
)
from cc_async.session import Session, Tally
from cc_async.sources import Contacts, ReadingOptions, Rules, Source, count_rows, open_source
from cc_async.stores import MemoryStore
from cc_async.wire import SmsPermission


@attrs.frozen
class ImportOptions:
    """How contacts are to be imported; see `Bulk.submit_import`."""

    lists: Sequence[str]
    format: str = "auto"
    create_lists: bool = False
    sms_permission_to_send: SmsPermission | None = None
    encoding: str | None = None
    mapping: Mapping[str, str] = attrs.field(factory=dict)
    rejects: Path | None = None
    protect: Collection[SuppressionKind] = ()
    suppress: Suppress = ()
    verify: bool | None = None
    missing: Path | None = None
    on_read: Callable[[Preparation], None] | None = None


@attrs.frozen
class ImportJobs:
    """The import jobs of one application and account."""

    _session: Session
    _jobs: JobStore
    _settle: float
    _answer_within: float

    async def submit(self, contacts: Contacts, options: ImportOptions) -> Job:
        """Plan an import, or go on with the same one where it is unfinished."""
        check_suppression_kinds(options.protect)
        addresses = await read_suppressed_addresses(options.suppress)
        source = open_source(contacts, _reading(options))
        origin = await read_origin(Path(str(contacts))) if source.is_rereadable else None
        key = _key(origin, options, addresses)
        if origin is not None:
            unfinished = await self._find(key, origin, source.name)
            if unfinished is not None:
                return await self.resume(unfinished, missing=options.missing)
        session = self._own_session()
        await clear_up(self._jobs.store, self._jobs.home)
        job_id = uuid4().hex[:12]
        bodies = open_bodies(self._jobs.store, job_id, self._jobs.home, is_new=True)
        try:
            plan = await self._plan(session, source, options, addresses, job_id, bodies)
            plan = attrs.evolve(
                plan,
                key=key,
                origin=origin,
                verify=options.verify,
                missing=_full_path(options.missing),
                rejects=_full_path(options.rejects),
            )
            for chunk in plan.chunks:
                await bodies.keep(chunk)
            await Journal(self._jobs.store, job_id).begin(plan)
            await bodies.hand_over()
            await self._forget(await self._jobs.book.add(_entry(plan)))
        except BaseException:
            await bodies.drop_all([])
            raise
        return self._open(session, plan, _fresh(plan), bodies)

    async def rehearse(self, contacts: Contacts, options: ImportOptions) -> Job:
        """Plan an import that will not be sent: no list is made, and nothing is kept."""
        check_suppression_kinds(options.protect)
        addresses = await read_suppressed_addresses(options.suppress)
        source = open_source(contacts, _reading(options))
        session, store = self._own_session(), MemoryStore()
        bodies = open_bodies(store, "rehearsal", self._jobs.home)
        try:
            plan = await self._plan(
                session, source, options, addresses, "0" * 12, bodies, is_rehearsal=True
            )
        finally:
            await bodies.drop_all([])
        nowhere = attrs.evolve(self, jobs=attrs.evolve(self._jobs, store=store))
        return nowhere._open(session, plan, _fresh(plan), bodies)

    async def resume(self, job_id: str | None = None, *, missing: Path | None = None) -> Job:
        """Return a job as far as it has come; without *job_id*, the newest unfinished one.

        *missing* is where to write who did not arrive, in place of where it was said before.

        Raises:
            JobNotFoundError: There is none, or it is no import.
        """
        if job_id is None:
            job_id = await self._newest()
        if job_id in [entry.job_id for entry in await self.entries() if entry.kind == "sign_up"]:
            raise JobNotFoundError(
                f"job {job_id} is a bulk sign-up, not an import",
                f"Go on with it by `cc-async resume {job_id}`, or by resume_sign_up in Python.",
            )
        journal = Journal(self._jobs.store, job_id)
        plan, events = await journal.read()
        plan = attrs.evolve(plan, missing=_full_path(missing) or plan.missing)
        entries = replay(plan, events)
        bodies = open_bodies(self._jobs.store, job_id, self._jobs.home)
        return self._open(self._own_session(), plan, entries, bodies, events=len(events))

    async def entries(self) -> tuple[JobEntry, ...]:
        """Return all jobs, the newest first."""
        return await self._jobs.book.read()

    async def cancel(self, job_id: str) -> None:
        """Send nothing more of a job, whoever drives it; what was accepted is carried out."""
        plan, _ = await Journal(self._jobs.store, job_id).read()
        lease = Lease(self._jobs.store, job_id)
        await lease.demand()
        async with lease.held():
            bodies = open_bodies(self._jobs.store, job_id, self._jobs.home)
            await bodies.drop_all([chunk.number for chunk in plan.chunks])
            await self._jobs.book.settle(job_id, "cancelled")
        await lease.release()

    async def delete(self, job_id: str) -> None:
        """Cancel a job and forget everything about it."""
        await self.cancel(job_id)
        await self._forget([job_id])
        await self._jobs.book.forget(job_id)

    async def _plan(
        self,
        session: Session,
        source: Source,
        options: ImportOptions,
        addresses: SuppressedAddresses,
        job_id: str,
        bodies: Bodies,
        *,
        is_rehearsal: bool = False,
    ) -> JobPlan:
        unknown = Rules(target="import")
        has_fields = await source.needs_custom_fields(unknown)
        directory = await read_directory(session, has_fields=has_fields)
        if not options.create_lists:
            directory.list_ids(options.lists)
        maker = ListMaker(session, directory, options.lists, is_rehearsal=is_rehearsal)
        permission = options.sms_permission_to_send
        rules = _rules(directory, options)
        people = await count_rows(source, rules) if options.protect else None
        suppression = await open_suppression(
            session, options.protect, people=people, addresses=addresses
        )
        spool = Spool(job_id, bodies.folder, format=options.format, sms_permission=permission)
        try:
            counted, chunks = await prepare(
                source,
                rules,
                spool,
                suppression,
                list_ids=maker.list_ids,
                rejects=options.rejects,
                on_read=options.on_read,
            )
        finally:
            spool.close()
        if "sms_number" in source.columns and permission is None:
            raise InvalidRequestError(
                "contacts with numbers for text messages need your word on them",
                "Say sms_permission_to_send='explicit' or 'not_set', or leave the column out.",
            )
        return JobPlan(job_id, self._jobs.clock(), source.name, counted, tuple(chunks))

    async def _find(self, key: str, origin: Origin, name: str) -> str | None:
        """Return the unfinished job that is the same import.

        Raises:
            InputError: There is one, but the file has changed since.
        """
        for entry in await self.entries():
            if entry.key == key and entry.state == "open":
                if entry.digest == origin.digest:
                    return entry.job_id
                raise InputError(
                    f"the file has changed since job {entry.job_id} began, which is unfinished",
                    f"Finish it with `cc-async resume {entry.job_id}`, or give it up with "
                    f"`cc-async jobs cancel {entry.job_id}`; then import the file again.",
                    name,
                )
        return None

    async def _newest(self) -> str:
        for entry in await self.entries():
            if entry.state == "open" and entry.kind == "import":
                return entry.job_id
        raise JobNotFoundError("there is no unfinished job", "`cc-async jobs` shows all of them.")

    async def _forget(self, job_ids: Sequence[str]) -> None:
        for job_id in job_ids:
            await self._jobs.drop_journal(job_id)

    def _own_session(self) -> Session:
        return self._session.on_lane(Lane.BULK, Tally())

    def _open(
        self,
        session: Session,
        plan: JobPlan,
        entries: dict[int, Progressing],
        bodies: Bodies,
        *,
        events: int = 0,
    ) -> Job:
        return Job(
            plan,
            entries,
            session=session,
            store=self._jobs,
            bodies=bodies,
            settle=self._settle,
            answer_within=self._answer_within,
            events=events,
        )


def _entry(plan: JobPlan) -> JobEntry:
    return JobEntry(
        job_id=plan.job_id,
        created_at=plan.created_at,
        name=plan.name,
        contacts=sum(chunk.contacts for chunk in plan.chunks),
        key=plan.key,
        digest=plan.origin.digest if plan.origin else "",
    )


def _fresh(plan: JobPlan) -> dict[int, Progressing]:
    return {chunk.number: Progressing(chunk) for chunk in plan.chunks}


def _rules(directory: Directory, options: ImportOptions) -> Rules:
    return Rules(
        target="import",
        custom_fields=directory.custom_fields,
        lists=directory.lists,
    )


def _full_path(path: Path | None) -> str:
    return "" if path is None else os.path.realpath(path)


def _key(origin: Origin | None, options: ImportOptions, addresses: SuppressedAddresses) -> str:
    if origin is None:
        return ""
    return job_key(
        os.fspath(origin.path),
        list(options.lists),
        options.format,
        dict(options.mapping),
        options.encoding,
        options.sms_permission_to_send,
        list(options.protect),
        addresses.digest,
    )


def _reading(options: ImportOptions) -> ReadingOptions:
    return ReadingOptions(encoding=options.encoding, mapping=options.mapping)
