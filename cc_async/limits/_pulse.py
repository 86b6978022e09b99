"""A sign of life from a process whose requests take long.

A process that is silent for some seconds counts as killed, and its turns as lost. Nothing is
said while a slow request is on its way; so as long as turns are open, a timer says it. It ends
with the last of them: nothing runs while nothing is awaited.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine


class Pulse:
    """Calls *beat* whenever turns are open and nothing was said for *every* seconds."""

    def __init__(self, beat: Callable[[], Coroutine[None, None, None]], every: float) -> None:
        self._beat = beat
        self._every = every
        self._open = 0
        self._said = 0.0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None

    def opened(self) -> None:
        """Note that a turn is open."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:  # the first use, or a new one after asyncio.run() has ended
            self._loop, self._timer, self._open = loop, None, 0
        self._open += 1
        self.said()
        if self._timer is None:
            self._wind(loop)

    def closed(self) -> None:
        """Note that a turn was given back."""
        self._open = max(0, self._open - 1)
        self.said()
        if not self._open and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def said(self) -> None:
        """Note that the process has just said something."""
        self._said = asyncio.get_running_loop().time()

    def _wind(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = loop.call_at(self._said + self._every, self._ring)

    def _ring(self) -> None:
        loop = asyncio.get_running_loop()
        if loop.time() >= self._said + self._every:
            self._task = loop.create_task(self._beat())
            self.said()
        self._wind(loop)
