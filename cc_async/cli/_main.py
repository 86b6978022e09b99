"""From a command line to an exit code, whatever happens on the way."""

from __future__ import annotations

import inspect
import logging
import os
import sys
import traceback
from collections.abc import Coroutine, Sequence
from itertools import takewhile
from typing import Any

import anyio
from cyclopts import CycloptsError

from cc_async.cli._app import app
from cc_async.cli._exit_codes import ExitCode
from cc_async.cli._failures import Failure, failure_of, interruption, usage_failure
from cc_async.cli._run import Run
from cc_async.cli._signals import stopping_on_signals


def carry_out(arguments: Sequence[str]) -> ExitCode:
    """Do what *arguments* say, tell what came of it, and return the exit code."""
    _set_up_logging()
    run = Run(is_json=wants_json(arguments))
    return run.finish(_failure_in(arguments, run))


def wants_json(arguments: Sequence[str]) -> bool:
    """Whether the answer is to be JSON, even if the rest cannot be understood."""
    return "--json" in takewhile(lambda word: word != "--", arguments)


def _failure_in(arguments: Sequence[str], run: Run) -> Failure | None:
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
        return None  # whoever read the help has gone away in the middle of it
    except BaseException as error:  # noqa: BLE001 - no traceback ever reaches a user
        if _is_debugging():
            traceback.print_exception(error)
        return failure_of(error)


async def _guarded(work: Coroutine[Any, Any, None], run: Run) -> Failure | None:
    """Do the work; being told to stop outweighs what goes wrong because of it."""
    with stopping_on_signals() as stop:
        run.stop = stop
        try:
            await work
        except Exception:
            if not stop.is_asked:
                raise
    return None if stop.by is None else interruption(stop.by)


def _is_debugging() -> bool:
    return bool(os.environ.get("CC_ASYNC_DEBUG"))


def _set_up_logging() -> None:
    """Keep logs from a user's screen, unless they are asked for."""
    if _is_debugging():
        logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    else:
        logging.getLogger().addHandler(logging.NullHandler())
