"""Rejected rows as a CSV file that can be corrected and read again."""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from cc_async.sources._formula_escaping import escape_formula
from cc_async.sources._output_files import OutputFile
from cc_async.sources._source import Rejection, Source
from cc_async.sources.columns import NOTES

_MARK = "\ufeff"
"""The mark of UTF-8: without it spreadsheets take another encoding."""


class RejectsWriter:
    """Writes rejected rows under their original headings, followed by line, column and reason.

    ::

        with RejectsWriter("rejects.csv", source.header) as rejects:
            rejects.write(rejection)

    The file is for its owner alone. It appears under its name at the end of the block, in place
    of an older one; after an error it holds the rows written before. An apostrophe stands in
    front of a cell that a spreadsheet would run as a formula, and in front of another apostrophe.
    The corrected file can be imported as it is: the three columns are left out, and the
    apostrophes are taken away. If a row has more cells than headings, the rest stand at its end.
    `async with` lets the event loop go on while a pipe is full; rows are written at the end there.

    Raises:
        InvalidRequestError: No file can be made there.
        StoreError: The disk is full or failed.
    """

    def __init__(self, path: str | Path, header: Sequence[str], *, option: str = "rejects") -> None:
        self._output = OutputFile(Path(path), option)
        self._rows = csv.writer(self._output)
        self._skip = len(NOTES) if tuple(header[-len(NOTES) :]) == NOTES else 0
        self._header = list(header)

    def __enter__(self) -> Self:
        self._output.__enter__()
        width = len(self._header) - self._skip
        self._output.write(_MARK)
        self._rows.writerow([*map(escape_formula, self._header[:width]), *NOTES])
        return self

    async def __aenter__(self) -> Self:
        return self.__enter__()

    def write(self, rejection: Rejection) -> None:
        """Add one rejected row."""
        width = len(self._header) - self._skip
        cells = list(map(escape_formula, rejection.record))
        missing = [""] * (width - len(cells))
        notes = [str(rejection.line), rejection.column, rejection.reason]
        over = cells[len(self._header) :]
        self._rows.writerow([*cells[:width], *missing, *map(escape_formula, notes), *over])

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._output.__exit__(kind, error, traceback)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._output.__aexit__(kind, error, traceback)


@asynccontextmanager
async def keeping_rejects(
    path: Path | None, source: Source
) -> AsyncIterator[Callable[[Rejection], None]]:
    """Give a function that writes a rejection to *path*; the first one creates the file.

    Without a path it does nothing.
    """
    async with AsyncExitStack() as stack:
        writer: RejectsWriter | None = None

        def keep(rejection: Rejection) -> None:
            nonlocal writer
            if path is None:
                return
            if writer is None:
                writer = RejectsWriter(path, source.header).__enter__()
                stack.push_async_exit(writer)
            writer.write(rejection)

        yield keep
