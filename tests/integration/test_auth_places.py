"""Where grants are kept beside the stores: a plain file and the keyring."""

from __future__ import annotations

import asyncio
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import keyring
import keyring.backend
import pytest
from keyring.errors import KeyringLocked

from cc_async.auth import TokenStore, open_token_store
from cc_async.auth._keyring import Keyring
from cc_async.auth._token_file import TokenFile
from cc_async.errors import StoreCorruptError, StoreError, StoreLockedError
from cc_async.stores import MemoryStore, Record
from cc_async.testing._check_store import count, get, put

HOLD = """
import sys, time, filelock
with filelock.FileLock(sys.argv[1]):
    print(flush=True)
    time.sleep(60)
"""


class DictKeyring(keyring.backend.KeyringBackend):
    """A keyring for tests."""

    priority = 1  # type: ignore[assignment]
    is_locked = False

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        if self.is_locked:
            raise KeyringLocked
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def ring() -> Iterator[DictKeyring]:
    before, ring = keyring.get_keyring(), DictKeyring()
    keyring.set_keyring(ring)
    yield ring
    keyring.set_keyring(before)


@pytest.fixture(params=["file", "keyring"])
def records(request: pytest.FixtureRequest, tmp_path: Path, ring: DictKeyring) -> TokenStore:
    if request.param == "file":
        return TokenFile(tmp_path / "deep" / "tokens.json")
    return Keyring(lock=tmp_path / "deep" / "lock")


async def test_a_record_is_kept_changed_and_deleted(records: TokenStore) -> None:
    """Either place does what the first verb of a store does."""
    assert await records.update("one", get) is None
    await records.update("one", put({"a": [1, "ü"]}))
    await records.update("two", put({"b": 2}))
    assert await records.update("one", get) == {"a": [1, "ü"]}
    await records.update("one", put(None))
    assert await records.update("one", get) is None
    assert await records.update("two", get) == {"b": 2}


async def test_changes_at_once_do_not_get_lost(records: TokenStore) -> None:
    """Of many changes at once none is lost."""
    seen = await asyncio.gather(*(records.update("key", count) for _ in range(20)))
    assert sorted(seen) == list(range(1, 21))


async def test_a_cancelled_change_is_carried_through(records: TokenStore) -> None:
    """When the cancellation arrives, the change is done."""
    task = asyncio.create_task(records.update("key", count))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert await records.update("key", count) == 2


async def test_a_change_that_raises_writes_nothing(records: TokenStore) -> None:
    """What a change raises reaches the caller."""

    def refuse(record: Record | None, now: float) -> tuple[Record | None, None]:
        raise LookupError("no")

    with pytest.raises(LookupError):
        await records.update("key", refuse)
    assert await records.update("key", get) is None


async def test_the_file_belongs_to_its_user_alone(tmp_path: Path) -> None:
    """Folder 0700, file and lock 0600, whatever was there before; nothing else is left behind."""
    path = tmp_path / "home" / "tokens.json"
    await TokenFile(path).update("key", put({"a": 1}))
    path.chmod(0o644)
    await TokenFile(path).update("key", put({"a": 2}))
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert modes == {"tokens.json": 0o600, "tokens.json.lock": 0o600}


async def test_the_file_may_be_a_link(tmp_path: Path) -> None:
    """A link stays one; what it points to is replaced."""
    link, target = tmp_path / "tokens.json", tmp_path / "real.json"
    link.symlink_to(target)
    await TokenFile(link).update("key", put({"a": 1}))
    assert link.is_symlink()
    assert target.is_file()


async def test_a_damaged_file_is_not_overwritten(tmp_path: Path) -> None:
    """What cannot be read is an error that says what to do, and stays as it is."""
    path = tmp_path / "tokens.json"
    path.write_bytes(b'{"grant:')
    with pytest.raises(StoreCorruptError) as caught:
        await TokenFile(path).update("key", put({"a": 1}))
    assert "Move it away" in caught.value.hint
    assert path.read_bytes() == b'{"grant:'


async def test_a_place_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    """A folder where a file should be is an error that names the setting."""
    (tmp_path / "folder").mkdir()
    with pytest.raises(StoreError) as caught:
        await TokenFile(tmp_path / "folder").update("key", put({"a": 1}))
    assert "CC_ASYNC_TOKEN_STORE" in caught.value.hint


async def test_another_process_is_waited_for(tmp_path: Path) -> None:
    """A lock that another process holds is waited for, and given up after a while."""
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


async def test_a_locked_keyring_says_so(ring: DictKeyring, tmp_path: Path) -> None:
    """A keyring that does not open is an error that names another place."""
    ring.is_locked = True
    with pytest.raises(StoreError, match="KeyringLocked"):
        await Keyring(lock=tmp_path / "lock").update("key", get)


async def test_a_damaged_entry_says_so(ring: DictKeyring, tmp_path: Path) -> None:
    """An entry that somebody else wrote is an error, not a traceback."""
    ring.kept["cc-async", "key"] = "hello"
    with pytest.raises(StoreCorruptError):
        await Keyring(lock=tmp_path / "lock").update("key", get)


def test_a_place_is_named_by_a_url(tmp_path: Path) -> None:
    """A file, the keyring and every store can be named."""
    assert repr(open_token_store(f"file://{tmp_path}/t.json")) == f"TokenFile('{tmp_path}/t.json')"
    assert isinstance(open_token_store("keyring:"), Keyring)
    assert isinstance(open_token_store("memory:"), MemoryStore)
    with pytest.raises(StoreError):
        open_token_store("ftp://x")
