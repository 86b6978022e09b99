"""The package's doors: complete, sorted, and light to open."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys

import pytest

import cc_async

DOORS = sorted(
    name
    for _, name, is_folder in pkgutil.walk_packages(cc_async.__path__, "cc_async.")
    if is_folder and "._" not in name and name not in ("cc_async.cli", "cc_async.sandbox")
)


@pytest.mark.parametrize("name", ["cc_async", "cc_async.errors", *DOORS])
def test_every_door_lists_what_it_offers(name: str) -> None:
    """`__all__` of every folder exists, names each thing once, and names only what is there."""
    module = importlib.import_module(name)
    assert len(module.__all__) == len(set(module.__all__))
    for offered in module.__all__:
        assert hasattr(module, offered)


EXTRAS = {"cyclopts", "rich", "redis", "psycopg", "psycopg_pool", "uvloop", "keyring"}
SELDOM = {"filelock", "cc_async.sandbox", "cc_async.cli", "cc_async.testing"}
"""What takes long to load, and few programs need."""


def loaded_by(statement: str) -> set[str]:
    """Return the modules that are there after *statement*, in a process of its own."""
    code = f"import sys; {statement}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_the_package_needs_no_extra() -> None:
    """`import cc_async` loads none of the packages that extras bring, nor what few need."""
    assert not loaded_by("import cc_async") & (EXTRAS | SELDOM)


def test_the_command_loads_no_sandbox_before_it_needs_one() -> None:
    """The help, and commands that talk to the service, are not kept waiting for the sandbox."""
    loaded = loaded_by("import cc_async.cli._main")
    assert "cc_async.cli._serving" in loaded
    assert "cc_async.sandbox" not in loaded
