"""The outcomes of a sign-up as a file: a JSON object for each person, one a line."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from cc_async.sign_ups._outcomes import Outcome
from cc_async.sources import OutputFile


@asynccontextmanager
async def keeping_outcomes(path: Path | None) -> AsyncIterator[Callable[[Outcome], None]]:
    """Give a function that writes an outcome to *path*; the first one creates the file.

    Without a path it does nothing. The file appears at the end of the block, with what was written
    until then; after a block without error and without outcomes it is empty.

    Raises:
        InvalidRequestError: No file can be made there.
        StoreError: The disk is full or failed.
    """
    async with AsyncExitStack() as stack:
        file: OutputFile | None = None

        def open_file(path: Path) -> OutputFile:
            file = OutputFile(path, "outcomes").__enter__()
            stack.push_async_exit(file)
            return file

        def keep(outcome: Outcome) -> None:
            nonlocal file
            if path is None:
                return
            if file is None:
                file = open_file(path)
            file.write(_line(outcome))

        yield keep
        if path is not None and file is None:
            open_file(path)


def _line(outcome: Outcome) -> str:
    """Return the line of *outcome*. A damaged character of an address is escaped, as JSON allows."""
    fields = {
        "line": outcome.line,
        "email_address": outcome.email_address,
        "status": outcome.status,
        "contact_id": outcome.contact_id,
        "column": outcome.column,
        "reason": outcome.reason,
        "hint": "" if outcome.error is None else outcome.error.hint,
    }
    return json.dumps(fields, ensure_ascii=False) + "\n"
