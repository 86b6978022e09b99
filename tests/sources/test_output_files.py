"""Files for results: what they never replace, and what a killed process leaves."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

import anyio
import pytest

from cc_async.errors import InvalidRequestError, StoreError
from cc_async.sources import OutputFile, check_outputs, input_files


def test_an_output_never_replaces_a_kept_file_under_any_name(tmp_path: Path) -> None:
    """Another spelling, a link and a hard link lead to the same file."""
    kept, link, hard = tmp_path / "people.csv", tmp_path / "link.csv", tmp_path / "hard.csv"
    kept.write_text("Email\n")
    link.symlink_to(kept)
    os.link(kept, hard)
    (tmp_path / "folder").mkdir()
    for path in (kept, link, hard, tmp_path / "folder" / ".." / "people.csv"):
        with pytest.raises(InvalidRequestError) as caught:
            check_outputs({"rejects": path}, kept=[kept])
        assert caught.value.option == "rejects"
        assert caught.value.hint


def test_a_kept_file_need_not_exist_yet(tmp_path: Path) -> None:
    """The store of a first run is made later, and an output must not take its place."""
    store = tmp_path / "state.sqlite3"
    with pytest.raises(InvalidRequestError, match="would be replaced"):
        check_outputs({"missing": tmp_path / "." / "state.sqlite3"}, kept=[store])


def test_two_outputs_are_never_one_file(tmp_path: Path) -> None:
    """Each of them would replace the other; a device takes both."""
    path = tmp_path / "out.csv"
    with pytest.raises(InvalidRequestError, match="two outputs"):
        check_outputs({"rejects": path, "report": path, "missing": None})
    check_outputs({"rejects": Path(os.devnull), "report": Path(os.devnull)})
    check_outputs({"rejects": path, "report": tmp_path / "report.json"})


@pytest.mark.parametrize("name", ["folder", "no-folder/out.csv", "link", "read-only", "socket"])
def test_a_place_for_no_file_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder, a missing folder, a link, a file that may not be written, a socket."""
    import socket

    (tmp_path / "folder").mkdir()
    (tmp_path / "other").write_text("kept")
    (tmp_path / "link").symlink_to(tmp_path / "other")
    (tmp_path / "read-only").write_text("kept")
    monkeypatch.chdir(tmp_path)  # the path of a socket is short
    real = os.access
    monkeypatch.setattr(
        os, "access", lambda path, mode: Path(path).name != "read-only" and real(path, mode)
    )
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        with pytest.raises(InvalidRequestError):
            check_outputs({"rejects": tmp_path / name})
        with pytest.raises(InvalidRequestError), OutputFile(tmp_path / name):
            pass
    assert (tmp_path / "other").read_text() == "kept"


def test_the_file_appears_whole_and_for_its_owner_alone(tmp_path: Path) -> None:
    """An older file stays until the new one is complete; nothing else is left."""
    path = tmp_path / "report.json"
    path.write_text("old")
    path.chmod(0o644)
    with OutputFile(path) as file:
        file.write("new ")
        file.write("text \ud800")
        assert path.read_text() == "old"
        assert list(tmp_path.iterdir()) == [path]
    assert path.read_text() == "new text \\ud800"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_system_without_nameless_files_copies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On macOS a file that had a name once gets none again, so its content is copied."""
    monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    path = tmp_path / "report.json"
    with OutputFile(path) as file:
        file.write("text")
        assert list(tmp_path.iterdir()) == []
    assert path.read_text() == "text"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_killed_process_leaves_no_addresses_behind(tmp_path: Path) -> None:
    """Nothing lies beside the file, whatever was written before."""
    program = (
        "import os, signal, sys; from pathlib import Path; from cc_async.sources import OutputFile\n"
        "with OutputFile(Path(sys.argv[1])) as file:\n"
        "    file.write('ann@example.com' * 10_000); os.kill(os.getpid(), signal.SIGKILL)"
    )
    ended = subprocess.run([sys.executable, "-c", program, str(tmp_path / "rejects.csv")])
    assert ended.returncode == -signal.SIGKILL
    assert list(tmp_path.iterdir()) == []


def test_a_pipe_is_written_into_and_stays_a_pipe(tmp_path: Path) -> None:
    """A program that reads the pipe gets the text; without one there is an error at once."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(InvalidRequestError, match="no process reads"), OutputFile(pipe):
        pass
    read: list[str] = []
    number = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    os.set_blocking(number, True)
    with os.fdopen(number) as reader:
        with OutputFile(pipe) as file:
            file.write("text")
        read.append(reader.read())
    assert read == ["text"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


async def test_a_slow_reader_of_a_pipe_does_not_hold_the_event_loop(tmp_path: Path) -> None:
    """Other tasks go on until the reader has read all, and the text is whole."""
    pipe, text = tmp_path / "pipe", "".join(f"{number}\n" for number in range(40_000))
    os.mkfifo(pipe)
    number = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    latest = 0.0

    async def write() -> None:
        async with OutputFile(pipe) as file:
            for start in range(0, len(text), 1_000):
                file.write(text[start : start + 1_000])

    writing = asyncio.create_task(write())
    started = before = time.monotonic()
    while time.monotonic() < started + 0.3:
        await asyncio.sleep(0.001)
        now = time.monotonic()
        latest, before = max(latest, now - before), now
    assert not writing.done()
    os.set_blocking(number, True)
    with os.fdopen(number) as reader:
        assert await asyncio.to_thread(reader.read) == text
    await writing
    assert latest < 0.1


async def test_a_pipe_that_is_not_read_can_be_left(tmp_path: Path) -> None:
    """A cancellation does not wait for the reader of a pipe."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    number = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with anyio.move_on_after(0.05) as scope:
        async with OutputFile(pipe) as file:
            file.write("text" * 100_000)
    assert scope.cancelled_caught
    os.close(number)


def test_a_device_is_written_into_and_stays_a_device() -> None:
    """`/dev/null` takes everything, and is still there."""
    with OutputFile(Path(os.devnull)) as file:
        file.write("text")
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


def test_standard_output_goes_on_where_it_is(tmp_path: Path) -> None:
    """A file behind it is not written from its beginning again."""
    program = (
        "from pathlib import Path; from cc_async.sources import OutputFile\n"
        "print('before', flush=True)\n"
        "with OutputFile(Path('/dev/stdout')) as file: file.write('between\\n')\n"
        "print('after', flush=True)"
    )
    with (tmp_path / "out.txt").open("w") as out:
        subprocess.run([sys.executable, "-c", program], stdout=out, check=True)
    assert (tmp_path / "out.txt").read_text() == "before\nbetween\nafter\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_a_full_disk_is_an_error_with_a_remedy() -> None:
    """The error of the disk arrives when the block is left, at the latest."""
    with (
        pytest.raises(StoreError, match="cannot be written") as caught,
        OutputFile(Path("/dev/full")) as file,
    ):
        file.write("text" * 10_000)
    assert caught.value.hint


def test_the_file_of_a_source_is_known_by_its_path_or_name(tmp_path: Path) -> None:
    """A path, standard input and an open file have one; rows have none."""
    with (tmp_path / "people.csv").open("wb") as opened:
        assert input_files(opened) == (tmp_path / "people.csv",)
    assert input_files("people.csv") == (Path("people.csv"),)
    assert input_files("-") == (Path("/dev/stdin"),)
    assert input_files([{"email": "ann@example.com"}]) == ()


def test_a_file_that_cannot_take_its_place_leaves_nothing_behind(tmp_path: Path) -> None:
    """A folder that came there meanwhile stays, without a file of addresses beside it."""
    path = tmp_path / "rejects.csv"
    with pytest.raises(StoreError, match="cannot be written"), OutputFile(path) as file:
        file.write("ann@example.com")
        path.mkdir()
    assert list(tmp_path.iterdir()) == [path]
    assert list(path.iterdir()) == []


def test_a_copy_that_fails_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that is full in the middle of it keeps the older file, and no half of the new one."""

    def copy_half(source: IO[bytes], target: IO[bytes]) -> None:
        target.write(source.read(7))
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    monkeypatch.setattr(shutil, "copyfileobj", copy_half)
    path = tmp_path / "rejects.csv"
    path.write_text("old")
    with pytest.raises(StoreError, match="No space left"), OutputFile(path) as file:
        file.write("ann@example.com")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
