"""The answer to a question: a table on the screen, and JSON and a picture in the docs."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import attrs

from benchmarks._pictures import Picture, save

__all__ = ["Cell", "Goal", "Report", "busy", "machine"]

Cell = str | float | int | None


@attrs.frozen
class Goal:
    """A goal: *found* is at least (or *at_most*) *wanted*."""

    what: str
    found: float
    wanted: float
    at_most: bool = False

    @property
    def is_reached(self) -> bool:
        """Whether it is."""
        return self.found <= self.wanted if self.at_most else self.found >= self.wanted

    def __str__(self) -> str:
        bound = "at most" if self.at_most else "at least"
        end = "reached" if self.is_reached else "NOT reached"
        return f"{self.what}: {_text(self.found)}, wanted {bound} {_text(self.wanted)}: {end}"


@attrs.frozen
class Report:
    """The answer to one question.

    *packages* are those that were compared.
    """

    question: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    goals: Sequence[Goal] = ()
    notes: Sequence[str] = ()
    packages: Sequence[str] = ()
    picture: Picture | None = None

    def show(self) -> None:
        """Print the table, the goals, and the versions of the packages compared."""
        print(f"\n{self.question}\n")
        table = [list(self.columns), *([_text(cell) for cell in row] for row in self.rows)]
        widths = [max(len(row[place]) for row in table) for place in range(len(self.columns))]
        for row in table:
            first = row[0].ljust(widths[0])
            rest = (cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))
            print("  ".join([first, *rest]))
        for line in (*map(str, self.goals), *self.notes):
            print(f"* {line}")
        print("* versions: " + ", ".join(f"{a} {b}" for a, b in self._versions().items()))

    def save(self, folder: Path, name: str, load: dict[str, float]) -> None:
        """Write `name.json` and `name.svg` into *folder*."""
        folder.mkdir(parents=True, exist_ok=True)
        answer = {
            "question": self.question,
            "machine": machine(),
            "busy": load,
            "versions": self._versions(),
            "columns": list(self.columns),
            "rows": [[_rounded(cell) for cell in row] for row in self.rows],
            "goals": [
                {**attrs.asdict(goal), "found": _rounded(goal.found), "reached": goal.is_reached}
                for goal in self.goals
            ],
            "notes": list(self.notes),
        }
        text = json.dumps(answer, indent=2, ensure_ascii=False) + "\n"
        (folder / f"{name}.json").write_text(text, encoding="utf-8")
        if self.picture is not None:
            save(self.picture, folder / f"{name}.svg")

    def _versions(self) -> dict[str, str]:
        found = {"Python": platform.python_version()}
        for package in self.packages:
            try:
                found[package] = version(package)
            except PackageNotFoundError:
                found[package] = "not installed, left out"
        return found


def machine() -> dict[str, Cell]:
    """Return the cores, system and processor of this machine."""
    return {"cores": os.cpu_count(), "kind": f"{platform.system()} {platform.machine()}"}


def busy() -> float:
    """Return how many processes wanted a core in the last minute, where the system tells."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0


def _rounded(cell: Cell) -> Cell:
    return float(f"{cell:.4g}") if isinstance(cell, float) else cell


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, int):
        return f"{cell:,}"
    if isinstance(cell, float):
        return f"{cell:,.0f}" if abs(cell) >= 100 else f"{cell:.3g}"
    return cell
