"""How many people a source holds, where that can be found out before anything is sent."""

from __future__ import annotations

from contextlib import aclosing

from cc_async.sources._batches import Source
from cc_async.sources._values import Rules


async def count_people(source: Source, rules: Rules) -> int | None:
    """Return how many contacts of *source* are fit to be sent; `None` if it reads only once."""
    if not source.is_rereadable:
        return None
    people = 0
    async with aclosing(source.read_batches(rules)) as batches:
        async for batch in batches:
            people += len(batch) - len(batch.rejections)
    return people
