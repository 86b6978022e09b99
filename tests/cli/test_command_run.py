"""Progress, result and failure of one run of the command."""

import contextlib
import io
import os
import sys
from signal import SIGINT, SIGTERM

import anyio
import pytest
from rich.console import Console

from cc_async.cli._command_run import (
    CommandRun,
    ProgressBar,
    ProgressLines,
    StopRequest,
    open_progress,
)


def test_lines_come_rarely() -> None:
    """Without a terminal a stage begins with a line, and goes on with one every ten seconds."""
    lines: list[str] = []
    now = 0.0
    progress = ProgressLines(lines.append, clock=lambda: now)
    for number in range(100):
        now = float(number) / 4
        progress.show("Reading" if number < 50 else "Importing", str(number), number / 100)
    assert lines == [
        "Reading: 0 (0%)",
        "Reading: 40 (40%)",
        "Importing: 50 (50%)",
        "Importing: 90 (90%)",
    ]


def test_progress_is_left_out_while_its_pipe_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    """A full pipe behind standard error does not stop the work; an empty one gets the lines."""
    reader, writer = os.pipe()
    with os.fdopen(writer, "w") as stderr, os.fdopen(reader, "rb") as opened:
        monkeypatch.setattr(sys, "stderr", stderr)
        run = CommandRun(is_json=True)
        run.progress.show("Reading", "1")
        assert opened.readline() == b"Reading: 1\n"
        os.set_blocking(writer, False)
        with contextlib.suppress(BlockingIOError):
            while True:
                os.write(writer, b"x" * 4096)
        os.set_blocking(writer, True)
        run.progress.show("Importing", "2")
        monkeypatch.undo()


def test_a_terminal_gets_one_line_that_is_wiped() -> None:
    """On a terminal progress is a bar with its stage and text, wiped at the end."""
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=80, _environ={"TERM": "xterm"})
    progress = open_progress(console, lambda text: None)
    progress.show("Reading", "12 [contacts]")
    progress.show("Importing", "3 of 12", 0.25)
    progress.close()
    shown = screen.getvalue()
    assert isinstance(progress, ProgressBar)
    assert "Importing" in shown
    assert "3 of 12" in shown
    assert shown.endswith("\x1b[1A\x1b[2K")


async def test_a_request_to_stop_cancels_at_once_or_later() -> None:
    """Without anything in flight the work is cancelled at once, else when its time is up."""
    cancelled: list[str] = []
    at_once = StopRequest(lambda: cancelled.append("at once"))
    later = StopRequest(lambda: cancelled.append("later"), wind_down=lambda: 0.01)
    later.make(SIGTERM)
    at_once.make(SIGINT)
    assert cancelled == ["at once"]
    assert at_once.is_made
    assert later.signal == SIGTERM
    await anyio.sleep(0.05)
    assert cancelled == ["at once", "later"]
