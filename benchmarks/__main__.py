"""Run the questions named, or all; print what they find and keep it in `docs/benchmarks`."""

from __future__ import annotations

import argparse
import importlib
import time
from pathlib import Path

from benchmarks._report import Report, busy, machine

QUESTIONS = (
    "sign_ups", "rows", "memory", "growth", "loop", "watching", "pacing", "budgets", "start",
)  # fmt: skip
FOLDER = Path(__file__).parent.parent / "docs" / "benchmarks"


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="one of " + ", ".join(QUESTIONS))
    parser.add_argument(
        "--size", type=float, default=1.0, help="share of the full size; below 1 nothing is kept"
    )
    options = parser.parse_args()
    if unknown := set(options.names) - set(QUESTIONS):
        parser.error(f"there is no question {', '.join(sorted(unknown))}")
    print(", ".join(f"{name} {value}" for name, value in machine().items()))
    started = time.perf_counter()
    for name in options.names or QUESTIONS:
        ask(name, options.size)
    print(f"\n{time.perf_counter() - started:.0f} s in all")


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
