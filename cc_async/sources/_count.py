"""How many contacts a source holds."""

from __future__ import annotations

from contextlib import aclosing

from cc_async.sources._source import Rules, Source


async def count_rows(source: Source, rules: Rules) -> int | None:
    """Return how many contacts of *source* are fit to be sent; `None` if it reads only once."""
    if not source.is_rereadable:
        return None
    rows = 0
    async with aclosing(source.read_batches(rules)) as batches:
        async for batch in batches:
            rows += len(batch) - len(batch.rejections)
    return rows
