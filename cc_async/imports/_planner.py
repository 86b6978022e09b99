"""Planning an import, before its first chunk is sent: read, check, deduplicate, cut."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing, closing
from functools import partial
from pathlib import Path

import attrs

from cc_async.errors import InvalidRequestError
from cc_async.imports._chunk import Chunk
from cc_async.imports._options import ImportOptions
from cc_async.imports._report import Preparation
from cc_async.imports.cutting import Spool
from cc_async.jobs import SourceFile
from cc_async.lookups import (
    Directory,
    ListMaker,
    SuppressedAddresses,
    SuppressionList,
    open_suppression,
    read_directory,
)
from cc_async.session import Session
from cc_async.sources import (
    Batch,
    Deduplicator,
    Rejection,
    Row,
    Rules,
    Source,
    keeping_rejects,
    yield_to_loop,
)

_KEPT = 1000
"""Rejected and suppressed rows that a report names: enough to see what is wrong with a file, and
small for memory and journal. The file of rejects holds all of them."""

_CELLS = 200
"""Cells up to which a rejected row is kept in memory; the file of rejects holds all of them."""


@attrs.frozen(eq=False, repr=False)
class Planner:
    """Plans one import.

    Args:
        session: For the lists, custom fields and opt-outs of the account.
        source: The contacts.
        lists: Lists by id or name, for contacts that name none.
        addresses: The caller's own list of people to leave out.
        options: How to read, check and send.
        on_read: Called with the counts while reading.
        file: The source, where it is a file with known content.
        is_dry_run: Make no list.
    """

    session: Session
    source: Source
    lists: Sequence[str]
    addresses: SuppressedAddresses
    options: ImportOptions
    on_read: Callable[[Preparation], None] | None
    file: SourceFile | None = None
    is_dry_run: bool = False

    async def plan(self, job_id: str, folder: Path) -> tuple[Preparation, tuple[Chunk, ...]]:
        """Write bodies into *folder*; return the counts and the chunks.

        Raises:
            InputError: The source cannot be read as contacts.
            UnknownNameError: The account has no such list.
            InvalidRequestError: There are numbers for text messages without a permission.
            StoreError: The disk is full.
        """
        options, permission = self.options, self.options.sms_permission
        directory = await self._read_directory()
        maker = ListMaker(self.session, directory, self.lists, is_dry_run=self.is_dry_run)
        maker.check()
        rules = Rules(
            "import",
            lists=directory.lists,
            custom_fields=directory.custom_fields,
            max_email=options.reading.max_email,
            max_phone=options.reading.max_phone,
            needs_sms_consent=permission == "explicit",
        )
        suppression = await open_suppression(
            self.session,
            options.protect,
            people=self.file.max_addresses if self.file is not None else None,
            addresses=self.addresses,
        )
        spool = Spool(job_id, folder, send_as=options.send_as, sms_permission=permission)
        with closing(spool):
            counted, chunks = await prepare(
                self.source,
                rules,
                spool,
                suppression,
                list_ids=partial(self._list_ids, maker),
                rejects=options.rejects,
                on_read=self.on_read,
            )
        return counted, tuple(chunks)

    async def _list_ids(self, maker: ListMaker, contacts: int) -> tuple[str, ...]:
        """Return the lists for so many contacts, when everything has been read and checked.

        For no contact, no list is made.
        """
        if "sms_number" in self.source.columns and self.options.sms_permission is None:
            raise InvalidRequestError(
                "contacts with numbers for text messages need your word on their permission",
                "Set sms_permission to 'explicit' or 'not_set', or leave the column out.",
                "sms_permission",
            )
        return await maker.list_ids() if contacts else maker.check()

    async def _read_directory(self) -> Directory:
        has_fields = await self.source.needs_custom_fields(Rules("import"))
        directory = await read_directory(self.session, has_fields=has_fields)
        if not self.options.create_lists:
            directory.list_ids(self.lists)
        return directory


async def prepare(
    source: Source,
    rules: Rules,
    spool: Spool,
    suppression: SuppressionList,
    *,
    list_ids: Callable[[int], Awaitable[tuple[str, ...]]],
    rejects: Path | None,
    on_read: Callable[[Preparation], None] | None,
) -> tuple[Preparation, list[Chunk]]:
    """Read all of *source*; return the counts and the chunks to send.

    Suppressed contacts are left out; then the last row for each address is kept, and its contact goes
    to the lists of all rows for it. *list_ids* is called with the number of contacts when everything
    has been read, so that no list is made for a source with an error.

    Raises:
        InputError: The source cannot be read as contacts.
    """
    with closing(Deduplicator()) as deduplicator:
        async with keeping_rejects(rejects, source) as keep:
            reader = _Reader(spool, suppression, deduplicator, keep)
            async with aclosing(source.read_batches(rules)) as batches:
                async for batch in batches:
                    spool.columns = source.columns
                    await reader.take(batch)
                    if on_read is not None:
                        on_read(reader.counted)
        merged = await deduplicator.find_merged(spool.unite)
    chunks: list[Chunk] = []
    counted = attrs.evolve(reader.counted, contacts_merged=len(merged))
    for done in spool.cut(merged, await list_ids(counted.contacts_to_send)):
        chunks.extend(done)
        await yield_to_loop()
    chunks.sort(key=lambda chunk: chunk.number)
    counted = attrs.evolve(
        counted, merged_lines=tuple(spool.merged_lines), rows_with_blanks=spool.rows_with_blanks
    )
    return counted, chunks


@attrs.define(eq=False, repr=False)
class _Reader:
    """Takes batches, counts them, and passes the rows to be sent to the spool."""

    spool: Spool
    suppression: SuppressionList
    deduplicator: Deduplicator
    keep: Callable[[Rejection], None]
    read: int = 0
    rejected: int = 0
    suppressed: int = 0
    kept: list[Rejection] = attrs.field(factory=list)
    kept_suppressed: list[Rejection] = attrs.field(factory=list)

    @property
    def counted(self) -> Preparation:
        return Preparation(
            self.read,
            self.rejected,
            contacts_suppressed=self.suppressed,
            rejections=tuple(self.kept),
            suppressed=tuple(self.kept_suppressed),
        )

    async def take(self, batch: Batch) -> None:
        self.read += len(batch)
        suppresses_none = self.suppression.suppresses_none(batch.identities)
        if suppresses_none and self.spool.takes(batch):
            self.deduplicator.add_all(batch.identities)
            self.spool.add_batch(batch)
            return
        rows = []
        for item in batch.contacts():
            if isinstance(item, Rejection):
                self._reject(item)
            elif suppresses_none or not await self._suppresses(item):
                rows.append(item)
        self.deduplicator.add_all([row.identity for row in rows])
        self.spool.add_rows(rows)

    async def _suppresses(self, row: Row) -> bool:
        """Return whether the person of a row is suppressed, and count it if so."""
        reason = await self.suppression.reason(row.identity)
        if reason is None:
            return False
        self.suppressed += 1
        if len(self.kept_suppressed) < _KEPT:
            self.kept_suppressed.append(Rejection(row.line, "", f"suppressed: {reason}"))
        return True

    def _reject(self, rejection: Rejection) -> None:
        self.rejected += 1
        if len(self.kept) < _KEPT:
            is_short = len(rejection.record) <= _CELLS
            self.kept.append(rejection if is_short else attrs.evolve(rejection, record=()))
        self.keep(rejection)
