"""Event loops beside the one that a test runs in."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

__all__ = ["in_a_new_loop"]

T = TypeVar("T")


def in_a_new_loop(work: Coroutine[Any, Any, T]) -> T:
    """Run *work* to its end in a loop of its own.

    `asyncio.run` would also forget the thread's current loop, which pytest-asyncio keeps open
    for the next test.
    """
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(work)
    finally:
        loop.close()
