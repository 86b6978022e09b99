"""Files and folders for state: for their owner alone, whatever the umask says."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO


def make_private_folder(folder: Path) -> None:
    """Make *folder* and every missing folder above it (0700); one that exists stays as it is."""
    if folder.is_dir():
        return
    make_private_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)


def open_private_file(path: Path) -> BinaryIO:
    """Open *path* for writing, as a new file or in place of its content (0600)."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
