"""Run the questions named, or all; print the answers and keep them in `docs/benchmarks`."""

from __future__ import annotations

import argparse
import importlib
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks._report import Report, busy, machine

QUESTIONS = (
    "sign_ups", "rows", "memory", "growth", "loop", "watching", "pacing", "budgets", "accounts",
    "start",
)  # fmt: skip
FOLDER = Path(__file__).parent.parent / "docs" / "benchmarks"


def main() -> None:
    """Run the questions of the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="one of " + ", ".join(QUESTIONS))
    parser.add_argument(
        "--size", type=float, default=1.0, help="share of the full size; below 1 nothing is kept"
    )
    options = parser.parse_args()
    if unknown := set(options.names) - set(QUESTIONS):
        parser.error(f"there is no question {', '.join(sorted(unknown))}")
    if len(options.names) == 1:
        ask(options.names[0], options.size)
        return
    print(", ".join(f"{name} {value}" for name, value in machine().items()), flush=True)
    started = time.perf_counter()
    ask_apart(options.names or QUESTIONS, options.size)
    print(f"\n{time.perf_counter() - started:.0f} s in all")


def ask_apart(names: Sequence[str], size: float) -> None:
    """Ask each question in a process of its own, so that none leaves anything to the next."""
    for name in names:
        command = [sys.executable, "-m", "benchmarks", name, "--size", str(size)]
        subprocess.run(command, check=True)


def ask(name: str, size: float) -> None:
    """Ask one question, and show and keep the answer."""
    before, started = busy(), time.perf_counter()
    report: Report = importlib.import_module(f"benchmarks.{name}").measure(size)
    load = {"load_before": before, "load_after": busy()}
    report.show()
    print(
        f"* {time.perf_counter() - started:.0f} s; processes that wanted a core: "
        f"{before:.1f} before, {busy():.1f} after"
    )
    if size >= 1.0:
        report.save(FOLDER, name, {key: round(value, 2) for key, value in load.items()})


if __name__ == "__main__":
    main()
