"""Files as sources."""

from __future__ import annotations

import os
from contextlib import aclosing
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest

from cc_async.sources import open_source
from tests.support.sources import (
    IMPORT,
)


@pytest.mark.parametrize("text", ["email\na@example.com\n", '{"email": "a@example.com"}\n'])
async def test_a_file_that_is_left_early_is_closed_at_once(tmp_path: Path, text: str) -> None:
    """A caller that stops reading leaves no file open."""
    path = tmp_path / "contacts"
    path.write_text(text * 20_000)
    if text.startswith("email"):
        path.write_text(text + "b@example.com\n" * 20_000)
    async with aclosing(open_source(path).read(IMPORT)) as batches:
        async for rows in batches:
            assert rows
            break
    await anyio.lowlevel.checkpoint()
    files = Path("/proc/self/fd")
    if files.exists():
        assert str(path) not in {os.path.realpath(each) for each in files.iterdir()}
