"""Bodies wait in files or in a shared store, with a header, until they are sent."""

from __future__ import annotations

import errno
from pathlib import Path

import attrs
import pytest

from cc_async.errors import StoreCorruptError, StoredFormatError, StoreError
from cc_async.imports._bodies import (
    BODY_HEADER,
    Bodies,
    FileBodies,
    StoreBodies,
    body_digest,
    body_path,
    encode_lines,
    open_bodies,
)
from cc_async.imports._chunk import Chunk
from cc_async.stores import MemoryStore, SqliteStore
from tests.support.chunks import make_chunk

pytestmark = pytest.mark.looptime

SAMPLES = Path(__file__).parents[1] / "samples" / "imports"
BODY = b"email,first_name\nann@example.com,Ann\nbob@example.com,Bob\n"
CHUNK: Chunk = attrs.evolve(
    make_chunk(), contacts=2, size=len(BODY), first_line=2, last_line=3, digest=body_digest(BODY)
)


@pytest.fixture(params=["files", "store"])
def bodies(request: pytest.FixtureRequest, tmp_path: Path) -> Bodies:
    if request.param == "files":
        return FileBodies(tmp_path)
    return StoreBodies(MemoryStore(), "job")


async def keep(bodies: Bodies, stored: bytes) -> None:
    body_path(bodies.folder, CHUNK.number).write_bytes(stored)
    await bodies.keep(CHUNK)


async def test_a_body_is_stored_as_in_the_sample(bodies: Bodies) -> None:
    """A header, the body, and the line of each contact."""
    sample = (SAMPLES / "stored-body-1.bin").read_bytes()
    assert sample == BODY_HEADER + BODY + encode_lines([2, 3])
    await keep(bodies, sample)
    assert await bodies.read(CHUNK) == BODY
    assert list(await bodies.read_lines(CHUNK)) == [2, 3]


@pytest.mark.parametrize("version", ["2", None])
async def test_a_body_of_another_version_is_refused(version: str | None, bodies: Bodies) -> None:
    """A newer one, and one from before versions: one sentence says what to do."""
    if version is None:
        stored = (SAMPLES / "stored-body-unversioned.bin").read_bytes()
    else:
        stored = b"cc-async body 2\n" + BODY + encode_lines([2, 3])
    await keep(bodies, stored)
    for read in (bodies.read, bodies.read_lines):
        with pytest.raises(StoredFormatError, match="the stored chunk of lines 2 to 3") as caught:
            await read(CHUNK)
        assert "Finish or cancel the job" in caught.value.hint


@pytest.mark.parametrize("damage", ["gone", "changed", "short"])
async def test_a_damaged_body_is_told_with_its_lines(damage: str, bodies: Bodies) -> None:
    """A body is never sent unless it is whole."""
    stored = BODY_HEADER + BODY + encode_lines([2, 3])
    if damage == "changed":
        await keep(bodies, stored.replace(b"ann@", b"eve@"))
    elif damage == "short":
        await keep(bodies, stored[:-30])
    with pytest.raises(StoreCorruptError, match="lines 2 to 3 is gone or damaged"):
        await bodies.read(CHUNK)
    if damage != "changed":
        with pytest.raises(StoreCorruptError, match="lines 2 to 3 is gone or damaged"):
            await bodies.read_lines(CHUNK)


async def test_a_deleted_body_leaves_nothing(bodies: Bodies) -> None:
    """One at a time, and all at once; neither needs them to be there."""
    await keep(bodies, BODY_HEADER + BODY + encode_lines([2, 3]))
    await bodies.drop(CHUNK.number)
    await bodies.drop_all([CHUNK.number, 2])
    with pytest.raises(StoreCorruptError):
        await bodies.read(CHUNK)
    assert not bodies.folder.exists()


async def test_bodies_lie_where_the_journal_allows_others_to_find_them(tmp_path: Path) -> None:
    """In the state folder beside an SQLite store; with the store itself where it is shared."""
    in_file = open_bodies(SqliteStore(tmp_path / "state.db"), "job", tmp_path)
    assert in_file.folder == tmp_path / "bodies" / "job"
    assert in_file.folder.stat().st_mode & 0o777 == 0o700
    store = MemoryStore()
    in_memory = open_bodies(store, "job", tmp_path)
    assert tmp_path not in in_memory.folder.parents


async def test_a_folder_that_cannot_be_made_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    """The state folder may be a file, or on a disk that is full."""
    (tmp_path / "bodies").write_text("")
    with pytest.raises(StoreError, match="cannot be kept on disk") as caught:
        open_bodies(SqliteStore(tmp_path / "state.db"), "job", tmp_path)
    assert "CC_ASYNC_HOME" in caught.value.hint


@pytest.mark.parametrize("verb", ["read", "read_lines", "keep", "drop", "drop_all", "hand_over"])
async def test_whatever_the_disk_says_is_an_error_of_the_store(
    verb: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk, or too many open files: the error says what to do, and no body counts as gone."""
    bodies: Bodies = FileBodies(tmp_path)
    if verb == "keep":
        bodies = StoreBodies(MemoryStore(), "job")
    body_path(bodies.folder, CHUNK.number).write_bytes(BODY_HEADER + BODY + encode_lines([2, 3]))

    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    for name in ("open", "read_bytes", "unlink"):
        monkeypatch.setattr(Path, name, fail)
    arguments = {"drop": (CHUNK.number,), "drop_all": ([CHUNK.number],), "hand_over": ()}
    with pytest.raises(StoreError, match="Too many open files") as caught:
        await getattr(bodies, verb)(*arguments.get(verb, (CHUNK,)))
    assert not isinstance(caught.value, StoreCorruptError)
    assert "ulimit" in caught.value.hint


async def test_bodies_that_were_kept_go_without_their_numbers(bodies: Bodies) -> None:
    """A job that is taken back leaves no address, in a shared store either."""
    await keep(bodies, BODY_HEADER + BODY + encode_lines([2, 3]))
    await bodies.drop_all([])
    with pytest.raises(StoreCorruptError):
        await bodies.read(CHUNK)
