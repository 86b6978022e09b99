"""How far a command has come, on standard error: a bar on a terminal, a few lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress as RichProgress, TextColumn, TimeElapsedColumn

_BETWEEN_LINES = 10.0


class Progress(Protocol):
    """Whoever is told how far a command has come."""

    def show(self, stage: str, text: str, share: float | None = None) -> None:
        """Say that *stage* is at *text*; *share* is how much of it is done, from 0 to 1."""
        ...

    def close(self) -> None:
        """Say no more."""
        ...


class Lines:
    """A line when a stage begins, then one every ten seconds."""

    def __init__(
        self, write: Callable[[str], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._write, self._clock = write, clock
        self._stage, self._due = "", 0.0

    def show(self, stage: str, text: str, share: float | None = None) -> None:
        """Write a line if one is due."""
        if stage == self._stage and self._clock() < self._due:
            return
        self._stage, self._due = stage, self._clock() + _BETWEEN_LINES
        percent = "" if share is None else f" ({share:.0%})"
        self._write(f"{stage}: {text}{percent}")

    def close(self) -> None:
        """Nothing is left on the screen."""


class Bar:
    """One line that is drawn again and again, and is gone at the end."""

    def __init__(self, console: Console) -> None:
        self._progress = RichProgress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[text]}", markup=False),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._stage = ""

    def show(self, stage: str, text: str, share: float | None = None) -> None:
        """Draw the line anew, soon."""
        if not self._stage:
            self._progress.start()
        if stage != self._stage:
            for task in self._progress.task_ids:
                self._progress.remove_task(task)
            self._progress.add_task(stage, total=None, text=text)
            self._stage = stage
        self._progress.update(
            self._progress.task_ids[0],
            text=text,
            total=None if share is None else 1.0,
            completed=share or 0.0,
        )

    def close(self) -> None:
        """Take the line away."""
        if self._stage:
            with suppress(OSError):
                self._progress.stop()


def open_progress(console: Console, write: Callable[[str], None]) -> Progress:
    """Return what suits standard error: a bar on a terminal, lines elsewhere."""
    if console.is_terminal and not console.is_dumb_terminal:
        return Bar(console)
    return Lines(write)
