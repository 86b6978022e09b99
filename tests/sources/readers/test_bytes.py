"""Blocks of files, pipes and file objects."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cc_async.errors import InputError, InvalidRequestError
from cc_async.sources import open_source
from tests.support.sources import IMPORT


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda folder: folder / "missing.csv", "no such file"),
        (lambda folder: folder, "a folder"),
        (lambda folder: folder / "file" / "inside.csv", "no such file|Not a directory"),
    ],
)
async def test_a_path_that_cannot_be_opened_is_refused_at_once(
    tmp_path: Path, make: Callable[[Path], Path], message: str
) -> None:
    """A missing file or a folder is an error before anything is read."""
    path = make(tmp_path)
    with pytest.raises(InputError, match=message) as caught:
        open_source(path)
    assert caught.value.source == str(path)
    assert caught.value.hint


async def test_text_files_and_pipes_are_read_too() -> None:
    """Text file objects, binary ones and pipes are read like files."""
    text = "email\r\na@example.com\r\n"
    receiver, sender = os.pipe()
    with open(receiver, "rb") as pipe:  # noqa: ASYNC230, PTH123 - a pipe
        os.write(sender, text.encode())
        os.close(sender)
        for data in (io.StringIO(text, newline=""), io.BytesIO(text.encode()), pipe):
            (rows,) = [rows async for rows in open_source(data).read(IMPORT)]
            assert [row.line for row in rows] == [2]


class _File:
    """A file object with a plain `read` that gives *blocks*."""

    def __init__(self, *blocks: object) -> None:
        self._blocks = list(blocks)

    def read(self, size: int) -> object:
        return self._blocks.pop(0)


async def _give() -> bytes:
    return b"email\n"


@pytest.mark.parametrize(
    ("make", "message", "remedy"),
    [
        (_give, "asynchronous file", "await file.read"),
        (lambda: None, "nothing", "path"),
        (lambda: [b"email"], "gives list", "path"),
        (lambda: 7, "gives int", "path"),
    ],
)
async def test_a_file_object_that_gives_no_blocks_is_one_clear_error(
    make: Callable[[], object], message: str, remedy: str
) -> None:
    """A plain read may return a coroutine, or nothing because it does not wait."""
    for blocks in ((make(),), (b"email\na@example.com\n", make())):
        with pytest.raises(InvalidRequestError, match=message) as caught:
            [rows async for rows in open_source(_File(*blocks)).read(IMPORT)]  # type: ignore[arg-type]
        assert remedy in caught.value.hint


async def test_blocks_of_other_kinds_of_bytes_are_read() -> None:
    """Some files fill a bytearray."""
    file = _File(bytearray(b"email\na@example"), memoryview(b".com\n"), b"")
    (rows,) = [rows async for rows in open_source(file).read(IMPORT)]  # type: ignore[arg-type]
    assert [row.line for row in rows] == [2]


WAITABLE = pytest.mark.skipif(sys.platform == "win32", reason="pipes are waited for by threads")

READ = """
import anyio
from cc_async.sources import Rules, open_source

async def main():
    source = open_source("-")
    with anyio.move_on_after({seconds}):
        async for rows in source.read(Rules()):
            print(source.name, [row.line for row in rows], flush=True)

anyio.run(main)
"""


@WAITABLE
def test_rows_are_read_from_a_pipe() -> None:
    """The output of another program is read to its end."""
    done = subprocess.run(
        [sys.executable, "-c", READ.format(seconds=20)],
        input="email\na@example.com\n",
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert done.stdout == "standard input [2]\n"


@WAITABLE
def test_waiting_for_a_pipe_ends_when_told() -> None:
    """A pipe that stays silent keeps neither the loop nor the process."""
    started = time.monotonic()
    with subprocess.Popen(
        [sys.executable, "-c", READ.format(seconds=0.2)], stdin=subprocess.PIPE
    ) as process:
        assert process.wait(20) == 0
    assert time.monotonic() - started < 15


@WAITABLE
def test_no_input_at_all_is_an_empty_file() -> None:
    """A device that never waits is read like a file."""
    done = subprocess.run(
        [sys.executable, "-c", READ.format(seconds=20)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert "standard input: the file is empty" in done.stderr
