"""Grants in a plain JSON file."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from cc_async.auth._token_file import TokenFile
from cc_async.errors import StoreCorruptError, StoreError, StoreLockedError
from cc_async.testing._check_store import put

HOLD = """
import sys, time, filelock
with filelock.FileLock(sys.argv[1]):
    print(flush=True)
    time.sleep(60)
"""


async def test_the_file_belongs_to_its_user_alone(tmp_path: Path) -> None:
    """The folder is 0700, file and lock are 0600 after every change, and no other file is left."""
    path = tmp_path / "home" / "tokens.json"
    await TokenFile(path).update("key", put({"a": 1}))
    path.chmod(0o644)
    await TokenFile(path).update("key", put({"a": 2}))
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert modes == {"tokens.json": 0o600, "tokens.json.lock": 0o600}


async def test_the_file_may_be_a_link(tmp_path: Path) -> None:
    """A link stays a link; its target is replaced."""
    link, target = tmp_path / "tokens.json", tmp_path / "real.json"
    link.symlink_to(target)
    await TokenFile(link).update("key", put({"a": 1}))
    assert link.is_symlink()
    assert target.is_file()


async def test_a_damaged_file_is_not_overwritten(tmp_path: Path) -> None:
    """A damaged file is an error with a remedy, and stays as it is."""
    path = tmp_path / "tokens.json"
    path.write_bytes(b'{"grant:')
    with pytest.raises(StoreCorruptError) as caught:
        await TokenFile(path).update("key", put({"a": 1}))
    assert "Move it away" in caught.value.hint
    assert path.read_bytes() == b'{"grant:'


async def test_a_place_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    """A folder in place of the file is an error that names the setting."""
    (tmp_path / "folder").mkdir()
    with pytest.raises(StoreError) as caught:
        await TokenFile(tmp_path / "folder").update("key", put({"a": 1}))
    assert "CC_ASYNC_TOKEN_STORE" in caught.value.hint


async def test_another_process_is_waited_for(tmp_path: Path) -> None:
    """The lock of another process is waited for, up to the timeout."""
    path = tmp_path / "tokens.json"
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            HOLD,
            f"{path}.lock",
        ],
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None
    try:
        holder.stdout.readline()
        with pytest.raises(StoreLockedError):
            await TokenFile(path, busy_timeout=0.2).update("key", put({"a": 1}))
    finally:
        holder.kill()
        holder.communicate()
    await TokenFile(path).update("key", put({"a": 1}))
