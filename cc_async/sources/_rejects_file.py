"""Keeping rows that were set aside, in a file that is made with the first of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from cc_async.sources._batches import Source
from cc_async.sources._rejects import RejectsWriter
from cc_async.sources._values import Rejection


@contextmanager
def keeping_rejects(path: Path | None, source: Source) -> Iterator[Callable[[Rejection], None]]:
    """Write each rejection that is handed over to *path*; without a path, to nowhere."""
    with ExitStack() as stack:
        writer: RejectsWriter | None = None

        def keep(rejection: Rejection) -> None:
            nonlocal writer
            if path is None:
                return
            if writer is None:
                writer = stack.enter_context(RejectsWriter(path, source.header))
            writer.write(rejection)

        yield keep
