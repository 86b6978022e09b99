"""The public interface is complete, and importing it loads no more than it needs."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys

import pytest

import cc_async

PUBLIC = sorted(
    name
    for _, name, is_folder in pkgutil.walk_packages(cc_async.__path__, "cc_async.")
    if is_folder and "._" not in name and name not in ("cc_async.cli", "cc_async.sandbox")
)


@pytest.mark.parametrize("folder", ["cc_async", "cc_async.errors", *PUBLIC])
def test_all_names_existing_things(folder: str) -> None:
    """`__all__` of every folder names each thing once, and only existing things."""
    module = importlib.import_module(folder)
    assert len(module.__all__) == len(set(module.__all__))
    for name in module.__all__:
        assert hasattr(module, name)


EXTRAS = {"cyclopts", "rich", "redis", "psycopg", "psycopg_pool", "uvloop", "keyring"}
SELDOM = {"filelock", "cc_async.sandbox", "cc_async.cli", "cc_async.testing"}
"""Modules that take long to load and that few programs need."""


def loaded_by(statement: str) -> set[str]:
    """Return the modules that *statement* loads in a new process."""
    code = f"import sys; {statement}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_the_package_loads_no_extra() -> None:
    """`import cc_async` loads no package of an extra, and no seldom used module."""
    assert not loaded_by("import cc_async") & (EXTRAS | SELDOM)


def test_the_command_loads_the_sandbox_late() -> None:
    """The command loads the sandbox only for commands that use it."""
    loaded = loaded_by("import cc_async.cli._main")
    assert "cc_async.cli._sandbox_command" in loaded
    assert "cc_async.sandbox" not in loaded


def test_windows_is_refused_before_anything_is_done() -> None:
    """The package says at once that it runs on Linux and macOS."""
    program = "import sys; sys.platform = 'win32'; import cc_async"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ended.returncode == 1
    assert "Linux and macOS" in ended.stderr.splitlines()[-1]
