"""From a command line to an exit code, and to a tidy end after ctrl-C."""

from __future__ import annotations

import asyncio
import inspect
import logging
import os
import sys
import traceback
from collections.abc import Coroutine, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import takewhile
from signal import SIG_DFL, SIG_IGN, SIGHUP, SIGINT, SIGTERM, Signals, getsignal, signal
from typing import Any

import anyio
from cyclopts import CycloptsError

from cc_async.cli._app import app
from cc_async.cli._command_run import CommandRun, StopRequest
from cc_async.cli._exit_codes import ExitCode
from cc_async.cli._failures import CommandFailure, failure_of, interruption, usage_failure

_SIGNALS = (SIGINT, SIGTERM, SIGHUP)


def run_command(arguments: Sequence[str]) -> ExitCode:
    """Run the command that *arguments* name, write its result, and return the exit code."""
    _set_up_logging()
    run = CommandRun(is_json=wants_json(arguments))
    return run.finish(_run_until_end(arguments, run))


def wants_json(arguments: Sequence[str]) -> bool:
    """Whether to print JSON, even where the other arguments make no sense."""
    return "--json" in takewhile(lambda argument: argument != "--", arguments)


def _run_until_end(arguments: Sequence[str], run: CommandRun) -> CommandFailure | None:
    """Parse *arguments* and run the command; return its failure, if it failed."""
    try:
        command, bound, injected = app.parse_args(
            list(arguments), exit_on_error=False, print_error=False
        )
        given = {"run": run} if "run" in injected else {}
        work = command(*bound.args, **bound.kwargs, **given)
        return anyio.run(_guarded, work, run) if inspect.iscoroutine(work) else None
    except CycloptsError as error:
        return usage_failure(error)
    except SystemExit:
        return None  # the pipe that the help was written to is closed
    except BaseException as error:  # noqa: BLE001 - no traceback ever reaches a user
        if _is_debugging():
            traceback.print_exception(error)
        return failure_of(error)


async def _guarded(work: Coroutine[Any, Any, None], run: CommandRun) -> CommandFailure | None:
    """Do the work; after a request to stop, errors that follow from it do not count."""
    with stopping_on_signals() as stop:
        run.stop = stop
        try:
            await work
        except Exception:
            if not stop.is_made:
                raise
    return None if stop.signal is None else interruption(stop.signal)


def _is_debugging() -> bool:
    return bool(os.environ.get("CC_ASYNC_DEBUG"))


def _set_up_logging() -> None:
    """Write logs to standard error where `CC_ASYNC_DEBUG` is set, and nowhere otherwise."""
    if _is_debugging():
        logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    else:
        logging.getLogger().addHandler(logging.NullHandler())


@contextmanager
def stopping_on_signals() -> Iterator[StopRequest]:
    """Guard a block with a `StopRequest`; a second signal ends the process in the usual way.

    A first signal after the block changes nothing: the result is about to be printed. A signal
    that is ignored from the start, as `nohup` does, stays so.
    """
    loop = asyncio.get_running_loop()
    signals = [number for number in _SIGNALS if getsignal(number) is not SIG_IGN]

    def on_signal(number: Signals) -> None:
        remove()
        stop.make(number)

    def remove() -> None:
        for number in signals:
            with _where_supported():
                loop.remove_signal_handler(number)

    with anyio.CancelScope() as scope:
        stop = StopRequest(scope.cancel)
        for number in signals:
            with _where_supported():
                loop.add_signal_handler(number, on_signal, number)
        try:
            yield stop
        finally:
            if not stop.is_made:
                remove()
                _let_the_first_pass(signals)


def _let_the_first_pass(signals: Iterable[Signals]) -> None:
    """Ignore the next signal; the one after it ends the process."""

    def on_signal(*_: object) -> None:
        for number in signals:
            signal(number, SIG_DFL)

    for number in signals:
        with _where_supported():
            signal(number, on_signal)


def _where_supported() -> suppress:
    """Ignore the errors of threads other than the main one, which get no signals."""
    return suppress(RuntimeError, ValueError)
