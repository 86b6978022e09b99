"""Everything before the first request of an import: read, check, find doubles, cut."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import aclosing, closing
from pathlib import Path

import attrs

from cc_async.imports._chunk_progress import Chunk
from cc_async.imports._report import Preparation
from cc_async.imports._spool import Spool
from cc_async.lookups import SuppressionList
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
_CELLS = 200
"""Cells of a rejected row that are worth the memory; files of rejects hold all of them."""


async def prepare(
    source: Source,
    rules: Rules,
    spool: Spool,
    suppression: SuppressionList,
    *,
    list_ids: Callable[[], Awaitable[tuple[str, ...]]],
    rejects: Path | None,
    on_read: Callable[[Preparation], None] | None,
) -> tuple[Preparation, list[Chunk]]:
    """Read all of *source* and return what was counted, and the bodies to send.

    Suppressed contacts are left out; then the last row for each address is kept. *list_ids* is
    called when everything has been read, so that no list is made for a source that cannot be.

    Raises:
        InputError: The source cannot be read as contacts.
    """
    with closing(Deduplicator()) as deduplicator, keeping_rejects(rejects, source) as keep:
        reader = _Reader(spool, suppression, deduplicator, keep)
        async with aclosing(source.read_batches(rules)) as batches:
            async for batch in batches:
                spool.columns = source.columns
                await reader.take(batch)
                if on_read is not None:
                    on_read(reader.counted)
        merged = await deduplicator.find_merged()
    chunks: list[Chunk] = []
    for done in spool.cut(merged, await list_ids()):
        chunks.extend(done)
        await yield_to_loop()
    return attrs.evolve(reader.counted, contacts_merged=len(merged)), chunks


@attrs.define(eq=False, repr=False)
class _Reader:
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
                self._set_aside(item)
            elif suppresses_none or not await self._suppresses(item):
                rows.append(item)
        self.deduplicator.add_all([row.identity for row in rows])
        self.spool.add_rows(rows)

    async def _suppresses(self, row: Row) -> bool:
        """Count a row whose person is suppressed; return whether it is."""
        reason = await self.suppression.reason(row.identity)
        if reason is None:
            return False
        self.suppressed += 1
        if len(self.kept_suppressed) < _KEPT:
            self.kept_suppressed.append(Rejection(row.line, "", f"suppressed: {reason}"))
        return True

    def _set_aside(self, rejection: Rejection) -> None:
        self.rejected += 1
        if len(self.kept) < _KEPT:
            is_short = len(rejection.record) <= _CELLS
            self.kept.append(rejection if is_short else attrs.evolve(rejection, record=()))
        self.keep(rejection)
