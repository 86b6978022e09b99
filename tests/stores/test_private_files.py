"""Files and folders for their owner alone."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from cc_async.stores import make_private_folder, open_private_file


def test_a_folder_is_private_at_every_level_that_was_missing(tmp_path: Path) -> None:
    """Folders that were there keep their mode."""
    before = os.umask(0)
    try:
        (tmp_path / "there").mkdir(mode=0o755)
        make_private_folder(tmp_path / "there" / "a" / "b")
        make_private_folder(tmp_path / "there" / "a" / "b")
        with open_private_file(tmp_path / "there" / "file") as file:
            file.write(b"text")
    finally:
        os.umask(before)
    found = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*")}
    assert found == {"there": 0o755, "a": 0o700, "b": 0o700, "file": 0o600}
