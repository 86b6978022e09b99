"""Standard input: read as it comes, without holding the loop, and given up at once."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pipes are waited for by threads")

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


def test_rows_are_read_from_a_pipe() -> None:
    """What another program writes is read to its end."""
    done = subprocess.run(
        [sys.executable, "-c", READ.format(seconds=20)],
        input="email\na@example.com\n",
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert done.stdout == "standard input [2]\n"


def test_waiting_for_a_pipe_ends_when_told() -> None:
    """A pipe that stays silent keeps neither the loop nor the process."""
    started = time.monotonic()
    with subprocess.Popen(
        [sys.executable, "-c", READ.format(seconds=0.2)], stdin=subprocess.PIPE
    ) as process:
        assert process.wait(20) == 0
    assert time.monotonic() - started < 15


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
