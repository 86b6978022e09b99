"""One run of the command: where its progress, its result and its failure are written."""

from __future__ import annotations

import asyncio
import io
import os
import select
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from signal import Signals
from typing import Any, Protocol, TextIO

import attrs
import orjson
from rich.console import Console, RenderableType
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from cc_async.cli._exit_codes import ExitCode, code_after_sending
from cc_async.cli._failures import CommandFailure
from cc_async.errors import InvalidRequestError, StoreError
from cc_async.sources import OutputFile

_SECONDS_BETWEEN_LINES = 10.0
"""Seconds between two lines of progress where there is no terminal: six lines a minute keep a log
short and still show that the command is alive. Chosen here."""

_UNFOLDED_WIDTH = 1000
"""Columns of a table that goes to a file or a pipe: wide enough that nothing is folded. Chosen
here."""


class CommandResult(Protocol):
    """Result of a command, for a person to read and for a program."""

    @property
    def exit_code(self) -> ExitCode: ...

    @property
    def advice(self) -> str:
        """How to go on after a failure; may be empty."""
        ...

    def to_json(self) -> dict[str, Any]: ...

    def to_text(self) -> RenderableType: ...


class ProgressDisplay(Protocol):
    """Shows how far a command has come."""

    def show(self, stage: str, text: str, share: float | None = None) -> None:
        """Show that *stage* is at *text*; *share* is the part that is done, from 0 to 1."""
        ...

    def close(self) -> None:
        """Show nothing more."""
        ...


class ProgressLines:
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
        self._stage, self._due = stage, self._clock() + _SECONDS_BETWEEN_LINES
        percent = "" if share is None else f" ({share:.0%})"
        self._write(f"{stage}: {text}{percent}")

    def close(self) -> None:
        """Nothing is left on the screen."""


class ProgressBar:
    """One line of a terminal, drawn again and again, and wiped at the end."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[text]}", markup=False),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._stage = ""

    def show(self, stage: str, text: str, share: float | None = None) -> None:
        """Change the line; it is drawn again within a tenth of a second."""
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
        """Wipe the line."""
        if self._stage:
            with suppress(OSError):
                self._progress.stop()


def open_progress(console: Console, write: Callable[[str], None]) -> ProgressDisplay:
    """Return a bar for a terminal, lines for anything else."""
    if console.is_terminal and not console.is_dumb_terminal:
        return ProgressBar(console)
    return ProgressLines(write)


def _do_nothing() -> None:
    pass


@attrs.define
class StopRequest:
    """The signal that told the command to stop, if one did.

    The work is cancelled at once; or, where `wind_down` is set, after the seconds that it returns,
    so that requests in flight can end.
    """

    cancel: Callable[[], None] = _do_nothing
    signal: Signals | None = None
    wind_down: Callable[[], float] | None = None

    @property
    def is_made(self) -> bool:
        """Whether to begin nothing new."""
        return self.signal is not None

    def make(self, signal: Signals) -> None:
        """Begin to stop."""
        self.signal = signal
        seconds = 0.0 if self.wind_down is None else self.wind_down()
        if seconds:
            asyncio.get_running_loop().call_later(seconds, self.cancel)
        else:
            self.cancel()


@attrs.define
class CommandRun:
    """Progress and result of one run of the command.

    *result* is written even if the command fails later. *advice* follows a failure as long as there
    is no result. *report_file* gets a copy of the JSON object.
    """

    is_json: bool
    result: CommandResult | None = None
    advice: str = ""
    report_file: Path | None = None
    stop: StopRequest = attrs.field(factory=StopRequest)
    progress: ProgressDisplay = attrs.field(init=False)

    @progress.default
    def _open_progress(self) -> ProgressDisplay:
        return open_progress(Console(stderr=True), self._note_progress)

    def _note_progress(self, text: str) -> None:
        if _takes_text(sys.stderr):
            self.note(text)

    def note(self, text: str) -> None:
        """Write a remark to standard error."""
        with suppress(OSError):
            print(text, file=sys.stderr, flush=True)

    def write_now(self, result: CommandResult) -> None:
        """Write *result* at once, for a command that goes on."""
        self._write(result.to_json(), result)

    def finish(self, failure: CommandFailure | None) -> ExitCode:
        """Write result and failure; return the exit code."""
        self.progress.close()
        if failure is not None:
            advice = self.advice if self.result is None else self.result.advice
            failure = attrs.evolve(failure, hint=f"{failure.hint} {advice}".strip())
        answer = {} if self.result is None else self.result.to_json()
        if failure is not None:
            answer["error"] = failure.to_json()
        code = ExitCode.DONE if self.result is None else self.result.exit_code
        if answer and not self._write(answer, self.result):
            code = code or ExitCode.SERVICE_FAILED
        if self.report_file is not None and answer:
            is_written = self._write_report(self.report_file, answer)
            code = code if is_written else code or ExitCode.SERVICE_FAILED
        if failure is not None:
            self.note(str(failure))
            has_sent = getattr(self.result, "has_sent", False)
            return code_after_sending(failure.exit_code) if has_sent else failure.exit_code
        return code

    def _write(self, answer: dict[str, Any], result: CommandResult | None) -> bool:
        """Print the answer; return whether it was written, or the reader has closed the pipe."""
        text = _json(answer) if self.is_json else ""
        if result is not None and not self.is_json:
            text = _rendered(result.to_text())
        try:
            _print(text)
        except OSError as error:
            _close_standard_output()
            if isinstance(error, BrokenPipeError):  # such as `| head`, which has read enough
                return True
            self.note(f"cc-async: the result cannot be printed: {error.strerror}")
            return False
        return True

    def _write_report(self, path: Path, answer: dict[str, Any]) -> bool:
        try:
            with OutputFile(path, "report") as file:
                file.write(_json(answer))
        except (InvalidRequestError, StoreError) as error:
            self.note(f"cc-async: the report cannot be written: {error}")
            return False
        return True


def _json(answer: dict[str, Any]) -> str:
    return orjson.dumps(answer).decode() + "\n"


def _rendered(text: RenderableType) -> str:
    is_screen = sys.stdout.isatty()
    console = Console(
        file=io.StringIO(),
        width=Console().width if is_screen else _UNFOLDED_WIDTH,
        force_terminal=is_screen,
        markup=False,
        highlight=False,
        emoji=False,
    )
    console.print(text)
    lines: list[str] = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _print(text: str) -> None:
    _make_lenient(sys.stdout)
    sys.stdout.write(text)
    sys.stdout.flush()


def _takes_text(stream: TextIO) -> bool:
    """Whether *stream* takes a line at once; a full pipe would hold the event loop."""
    try:
        ready = select.poll()
        ready.register(stream, select.POLLOUT)
        return bool(ready.poll(0))
    except (OSError, ValueError):  # no file behind it, or a closed one
        return True


def _close_standard_output() -> None:
    """Discard buffered output; Python would report it as an error when it exits."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _make_lenient(stream: object) -> None:
    """Replace characters that the terminal cannot show."""
    reconfigure: Callable[..., None] | None = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")
