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


def test_importing_the_package_needs_no_extra() -> None:
    """`import cc_async` loads none of the packages that extras bring, nor the sandbox."""
    code = (
        "import sys, cc_async;"
        "extras = {'cyclopts', 'rich', 'redis', 'psycopg', 'uvloop', 'keyring'};"
        "print(sorted(extras & set(sys.modules) | {n for n in sys.modules if n == 'cc_async.sandbox'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
