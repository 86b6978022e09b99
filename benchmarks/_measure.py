"""Measuring side by side: every way takes its turn in every round."""

from __future__ import annotations

import ctypes
import gc
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

__all__ = ["ROUNDS", "Cost", "in_child", "interleaved", "keep_memory", "peak_mb", "ratio"]

ROUNDS = 5
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # as in malloc.h


@attrs.frozen
class Cost:
    """Seconds for one of many: on the clock, and of the processor."""

    wall: float
    cpu: float


def keep_memory() -> None:
    """Let this process keep the memory it frees from now on, where the C library is glibc.

    asyncio takes 256 KiB for every answer and frees them at once. Whether glibc gives that back
    to the system each time, and takes page faults for it, depends on what happens to lie behind:
    up to 15 microseconds a request, to the one way and not to the other.
    """
    set_option = getattr(ctypes.CDLL(None), "mallopt", None) if os.name == "posix" else None
    if set_option is not None:
        set_option(_TRIM_THRESHOLD, 1 << 28)
        set_option(_MMAP_THRESHOLD, 1 << 25)


def interleaved(
    ways: Mapping[str, Callable[[], int]], rounds: int = ROUNDS
) -> dict[str, list[Cost]]:
    """Run every way in every round; each returns how many it has done.

    What was there before is kept out of garbage collection.
    """
    found: dict[str, list[Cost]] = {name: [] for name in ways}
    gc.collect()
    gc.freeze()
    for _ in range(rounds):
        for name, way in ways.items():
            gc.collect()
            wall, cpu = time.perf_counter(), time.process_time()
            done = way()
            cpu = (time.process_time() - cpu) / done
            found[name].append(Cost((time.perf_counter() - wall) / done, cpu))
    gc.unfreeze()
    return found


def ratio(costs: Sequence[Cost], base: Sequence[Cost]) -> float:
    """Return how many times as fast as *base* something is by processor time: the median of rounds."""
    pairs = zip(costs, base, strict=True)
    return statistics.median(two.cpu / one.cpu for one, two in pairs)


def in_child(module: str, *arguments: object) -> Any:
    """Run `benchmarks.<module>` as a program of its own, and return the JSON it prints."""
    command = [sys.executable, "-m", f"benchmarks.{module}", *map(str, arguments)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def peak_mb() -> float:
    """Return the most memory that this process has held, in megabytes.

    Where Linux tells it by itself: what a child reports of its resources begins with its parent.
    """
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) / 1024
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1 << 20 if sys.platform == "darwin" else 1 << 10)
