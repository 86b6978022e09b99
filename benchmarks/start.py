"""How long does `import cc_async` take, and does it load anything it could do without?

Each import runs in a process of its own, turn about with an interpreter that imports nothing and
with aiohttp, which every client needs. Compiled modules are kept, as where a package is installed.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile

from benchmarks._measure import ROUNDS
from benchmarks._pictures import Bars
from benchmarks._report import Goal, Report

_EXTRAS = ("cyclopts", "rich", "redis", "psycopg", "uvloop", "keyring", "opentelemetry", "narwhals")
_WAYS = {"nothing": "pass", "aiohttp": "import aiohttp", "cc_async": "import cc_async"}
_PROGRAM = """
import json, sys, time
wall, cpu = time.perf_counter(), time.process_time()
{}
wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
print(json.dumps([wall, cpu, sorted({{name.partition(".")[0] for name in sys.modules}})]))
"""


def measure(size: float = 1.0) -> Report:
    """Import, in fresh processes."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in _WAYS}
    loaded: set[str] = set()
    with tempfile.TemporaryDirectory() as folder:
        _import(_WAYS["cc_async"], folder)
        for _ in range(max(ROUNDS, int(3 * ROUNDS * size))):
            for name, statement in _WAYS.items():
                wall, cpu, modules = _import(statement, folder)
                found[name].append((wall, cpu))
                loaded |= set(modules) & set(_EXTRAS) if name == "cc_async" else set()
    rows = [
        (f"import {name}", *map(statistics.median, columns), min(columns[1]))
        for name, columns in ((name, list(zip(*each, strict=True))) for name, each in found.items())
    ]
    return Report(
        "Start: seconds that an import takes",
        ("program", "seconds", "seconds of processor", "the least of them"),
        rows,
        [
            Goal("seconds to import cc_async", float(rows[-1][2]), 0.25, at_most=True),
            Goal("extras that it loads", len(loaded), 0, at_most=True),
        ],
        packages=("aiohttp", "anyio", "attrs", "cattrs", "orjson"),
        picture=Bars("Start", "seconds of processor", [(row[0], row[2]) for row in rows]),
    )


def _import(statement: str, compiled: str) -> tuple[float, float, list[str]]:
    """Run *statement* in a process that keeps compiled modules in the folder *compiled*."""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": compiled}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    program = [sys.executable, "-c", _PROGRAM.format(statement)]
    done = subprocess.run(program, stdout=subprocess.PIPE, check=True, env=environment)
    wall, cpu, modules = json.loads(done.stdout)
    return wall, cpu, modules
