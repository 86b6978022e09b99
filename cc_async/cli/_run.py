"""One run of the command: where its progress, its result and its failure go."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

import attrs
import orjson
from rich.console import Console, RenderableType

from cc_async.cli._exit_codes import ExitCode
from cc_async.cli._failures import Failure
from cc_async.cli._progress import Progress, open_progress
from cc_async.cli._signals import Stop

_WIDE = 1000
"""Columns where nobody looks at a screen: nothing is folded or cut off."""


class Result(Protocol):
    """What a command found out or did, as a person and as a program want to read it."""

    @property
    def exit_code(self) -> ExitCode: ...

    @property
    def advice(self) -> str:
        """How to go on where the command came to no good end; may be empty."""
        ...

    def to_json(self) -> dict[str, Any]: ...

    def to_text(self) -> RenderableType: ...


@attrs.define
class Run:
    """Collects what a command has to say; *result* is told even if the command fails later.

    *advice* is what to add to a failure as long as there is no result.
    """

    is_json: bool
    result: Result | None = None
    advice: str = ""
    report: Path | None = None
    stop: Stop = attrs.field(factory=Stop)
    progress: Progress = attrs.field(init=False)

    @progress.default
    def _open_progress(self) -> Progress:
        return open_progress(Console(stderr=True), self.note)

    def note(self, text: str) -> None:
        """Tell something by the way, on standard error."""
        with suppress(OSError):
            print(text, file=sys.stderr, flush=True)

    def tell_now(self, result: Result) -> None:
        """Write *result* down at once, for a command that goes on."""
        self._write(result.to_json(), result)

    def finish(self, failure: Failure | None) -> ExitCode:
        """Write down what the command came to; return its exit code."""
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
        if self.report is not None and answer:
            self._write_report(self.report, answer)
        if failure is not None:
            self.note(str(failure))
            return failure.exit_code
        return code

    def _write(self, answer: dict[str, Any], result: Result | None) -> bool:
        """Print the answer; return whether it went where it should."""
        text = _json(answer) if self.is_json else ""
        if result is not None and not self.is_json:
            text = _rendered(result.to_text())
        try:
            _print(text)
        except OSError as error:
            _close_standard_output()
            if isinstance(error, BrokenPipeError):  # whoever was reading may well have gone
                return True
            self.note(f"cc-async: the result cannot be printed: {error.strerror}")
            return False
        return True

    def _write_report(self, path: Path, answer: dict[str, Any]) -> None:
        try:
            path.write_text(_json(answer), encoding="utf-8")
        except OSError as error:
            self.note(f"cc-async: {path}: the report cannot be written: {error.strerror}")


def _json(answer: dict[str, Any]) -> str:
    return orjson.dumps(answer).decode() + "\n"


def _rendered(text: RenderableType) -> str:
    is_screen = sys.stdout.isatty()
    console = Console(
        file=io.StringIO(),
        width=Console().width if is_screen else _WIDE,
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


def _close_standard_output() -> None:
    """Let what is still to be written vanish, or Python would complain at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _make_lenient(stream: object) -> None:
    """Let characters that the terminal does not know be replaced."""
    reconfigure: Callable[..., None] | None = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")
