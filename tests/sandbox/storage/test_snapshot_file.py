"""The file of an account belongs to one sandbox, and is refused in another format."""

from __future__ import annotations

import contextlib
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from cc_async.errors import StoreCorruptError, StoredFormatError, StoreLockedError
from cc_async.sandbox import Sandbox

SAMPLE = Path(__file__).parents[2] / "samples/sandbox_account.json"


def test_a_file_belongs_to_one_sandbox_and_one_user(tmp_path: Path) -> None:
    """A second sandbox is refused, and other users cannot read the file."""
    path = tmp_path / "state.json"
    first = Sandbox(state_file=path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(StoreLockedError, match="in use"):
        Sandbox(state_file=path)
    first.close()
    Sandbox(state_file=path).close()


@pytest.mark.parametrize("content", [b"email,first_name\n" * 100, b"[1, 2]", b'{"format": 1}'])
def test_another_kind_of_file_is_left_alone(tmp_path: Path, content: bytes) -> None:
    """The error names the file, and the file stays unchanged."""
    path = tmp_path / "state.json"
    path.write_bytes(content)
    for _ in range(2):  # the first refusal does not keep the file locked
        with pytest.raises(StoreCorruptError, match=r"state\.json holds no sandbox account"):
            Sandbox(state_file=path)
    assert path.read_bytes() == content


def _write_sqlite(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 1")
        db.execute("CREATE TABLE contact (number INTEGER PRIMARY KEY, data BLOB NOT NULL)")


def _write_unversioned(path: Path) -> None:
    snapshot = orjson.loads(SAMPLE.read_bytes())
    del snapshot["format"]
    path.write_bytes(orjson.dumps(snapshot))


def _write_newer(path: Path) -> None:
    path.write_bytes(orjson.dumps({**orjson.loads(SAMPLE.read_bytes()), "format": 2}))


@pytest.mark.parametrize(
    ("write", "found"),
    [
        (_write_sqlite, "no version"),
        (_write_unversioned, "no version"),
        (_write_newer, "version 2"),
    ],
)
def test_a_file_of_another_format_is_refused(
    tmp_path: Path, write: Callable[[Path], None], found: str
) -> None:
    """The error names the file's version and a remedy; the file stays unchanged."""
    path = tmp_path / "state.json"
    write(path)
    before = path.read_bytes()
    with pytest.raises(
        StoredFormatError, match=rf"state\.json has {found}, .* reads version 1"
    ) as e:
        Sandbox(state_file=path)
    assert "Name another file" in e.value.hint
    assert path.read_bytes() == before
