"""Everything before the first request of an import: read, check, find doubles, cut."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import aclosing, closing
from pathlib import Path

import attrs

from cc_async.imports._chunk_progress import Chunk
from cc_async.imports._left import Former
from cc_async.imports._report import Preparation
from cc_async.imports._spool import Spool
from cc_async.lookups import Protection
from cc_async.sources import (
    Batch,
    LastWins,
    Rejection,
    Row,
    Rules,
    Source,
    give_way,
    keeping_rejects,
)

_KEPT = 1000
_CELLS = 200
"""Cells of a rejected row that are worth the memory; files of rejects hold all of them."""


async def prepare(
    source: Source,
    rules: Rules,
    spool: Spool,
    protection: Protection,
    former: Former | None,
    *,
    list_ids: Callable[[], Awaitable[tuple[str, ...]]],
    rejects: Path | None,
    on_read: Callable[[Preparation], None] | None,
) -> tuple[Preparation, list[Chunk]]:
    """Read all of *source* and return what was counted, and the bodies to send.

    Whom *protection* or *former* names is left out; of the others the last row for an address
    wins.
    *list_ids* is asked once all has been read, so that a list can be made for the import without
    being made in vain.

    Raises:
        InputError: The source cannot be read as contacts.
    """
    with closing(LastWins()) as last_wins, keeping_rejects(rejects, source) as keep:
        reader = _Reader(spool, protection, former, last_wins, keep)
        async with aclosing(source.read_batches(rules)) as batches:
            async for batch in batches:
                spool.columns = source.columns
                await reader.take(batch)
                if on_read is not None:
                    on_read(reader.counted)
        superseded = await last_wins.find_superseded()
    chunks: list[Chunk] = []
    for done in spool.cut(superseded, await list_ids()):
        chunks.extend(done)
        await give_way()
    return attrs.evolve(reader.counted, contacts_superseded=len(superseded)), chunks


@attrs.define(eq=False, repr=False)
class _Reader:
    spool: Spool
    protection: Protection
    former: Former | None
    last_wins: LastWins
    keep: Callable[[Rejection], None]
    read: int = 0
    rejected: int = 0
    protected: int = 0
    kept: list[Rejection] = attrs.field(factory=list)
    kept_protected: list[Rejection] = attrs.field(factory=list)

    @property
    def counted(self) -> Preparation:
        return Preparation(
            self.read,
            self.rejected,
            contacts_protected=self.protected,
            rejections=tuple(self.kept),
            protected=tuple(self.kept_protected),
            left_lists=None if self.former is None else self.former.found,
        )

    async def take(self, batch: Batch) -> None:
        self.read += len(batch)
        spares_nobody = self.former is None and self.protection.spares_nobody(batch.identities)
        if spares_nobody and self.spool.takes(batch):
            self.last_wins.add_all(batch.identities)
            self.spool.add_batch(batch)
            return
        rows = []
        for item in batch.contacts():
            if isinstance(item, Rejection):
                self._set_aside(item)
            elif spares_nobody or not await self._protects(item):
                rows.append(item)
        self.last_wins.add_all([row.identity for row in rows])
        self.spool.add_rows(rows)

    async def _protects(self, row: Row) -> bool:
        """Leave somebody out who must be left alone."""
        reason = await self.protection.reason_to_spare(row.identity)
        if reason is None and self.former is not None:
            reason = await self.former.reason_to_spare(row.identity, row.lists)
        if reason is None:
            return False
        self.protected += 1
        if len(self.kept_protected) < _KEPT:
            self.kept_protected.append(Rejection(row.line, "", f"left alone: {reason}"))
        return True

    def _set_aside(self, rejection: Rejection) -> None:
        self.rejected += 1
        if len(self.kept) < _KEPT:
            is_short = len(rejection.record) <= _CELLS
            self.kept.append(rejection if is_short else attrs.evolve(rejection, record=()))
        self.keep(rejection)
