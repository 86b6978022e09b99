"""What a process that was killed left on the disk: rows of an import that was never begun.

A folder is marked while its owner is at work on it. Where the owner is gone and the mark is still
there, nobody will ever ask for what is in it.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from cc_async.jobs._owners import is_gone, new_owner, register

__all__ = ["abandoned", "mark", "sweep", "unmark"]

_MARK = ".owner"


def mark(folder: Path, holder: object, purpose: str = "") -> None:
    """Say that *folder* is of use only as long as *holder* is there, and for what."""
    owner = new_owner()
    register(owner, holder)
    (folder / _MARK).write_text(f"{owner}\n{purpose}")


def unmark(folder: Path) -> None:
    """Say that others will go on with *folder*."""
    (folder / _MARK).unlink(missing_ok=True)


def abandoned(parent: Path, pattern: str = "*", purpose: str = "") -> Iterator[Path]:
    """Yield the folders in *parent* whose owners are gone; only our own, and no links."""
    for folder in parent.glob(pattern):
        try:
            found = folder.lstat()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
                continue
            owner, _, said = (folder / _MARK).read_text().partition("\n")
            if said == purpose and is_gone(owner):
                yield folder
        except (OSError, ValueError):
            continue


def sweep(parent: Path, pattern: str) -> None:
    """Delete what was abandoned."""
    for folder in abandoned(parent, pattern):
        shutil.rmtree(folder, ignore_errors=True)
