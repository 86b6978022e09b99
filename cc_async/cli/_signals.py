"""Ending tidily when somebody presses ctrl-C or the system wants the process gone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from signal import SIGINT, SIGTERM, Signals

import anyio
import attrs

_SIGNALS = (SIGINT, SIGTERM)


def _do_nothing() -> None:
    pass


@attrs.define
class Stop:
    """Whether the command was told to stop, and by which signal.

    The work is cancelled: at once, unless `wind_down` names somebody who can say how many
    seconds what is on its way should get.
    """

    cancel: Callable[[], None] = _do_nothing
    by: Signals | None = None
    wind_down: Callable[[], float] | None = None

    @property
    def is_asked(self) -> bool:
        """Whether nothing new should be begun."""
        return self.by is not None

    def ask(self, number: Signals) -> None:
        """Begin to stop."""
        self.by = number
        seconds = 0.0 if self.wind_down is None else self.wind_down()
        if seconds:
            asyncio.get_running_loop().call_later(seconds, self.cancel)
        else:
            self.cancel()


@contextmanager
def stopping_on_signals() -> Iterator[Stop]:
    """Guard a block with a `Stop`; a second signal ends the process in the usual way."""
    loop = asyncio.get_running_loop()

    def on_signal(number: Signals) -> None:
        remove()
        stop.ask(number)

    def remove() -> None:
        for number in _SIGNALS:
            with _where_they_exist():
                loop.remove_signal_handler(number)

    with anyio.CancelScope() as scope:
        stop = Stop(scope.cancel)
        for number in _SIGNALS:
            with _where_they_exist():
                loop.add_signal_handler(number, on_signal, number)
        try:
            yield stop
        finally:
            remove()


def _where_they_exist() -> suppress:
    """Windows has no such handlers, and other threads than the main one may not set them."""
    return suppress(NotImplementedError, RuntimeError, ValueError)
