"""A loop whose time jumps: sleeps are over at once."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

__all__ = ["run_jumping"]

T = TypeVar("T")


class _JumpingLoop(asyncio.SelectorEventLoop):
    """For programs without sockets and threads: whenever it would wait, its clock jumps instead."""

    def __init__(self) -> None:
        super().__init__()
        self._jumped = 0.0
        look = self._selector.select  # type: ignore[attr-defined]

        def jump(timeout: float | None = None) -> Any:
            self._jumped += timeout or 0.0
            return look(0)

        self._selector.select = jump  # type: ignore[attr-defined]

    def time(self) -> float:
        return self._jumped


def run_jumping(work: Coroutine[Any, Any, T]) -> T:
    """Run *work* as `asyncio.run` would, without sleeping."""
    with asyncio.Runner(loop_factory=_JumpingLoop) as runner:
        return runner.run(work)
