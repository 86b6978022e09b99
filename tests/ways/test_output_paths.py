"""Paths of results that would cost data: the command and the library refuse them before sending."""

from __future__ import annotations

import asyncio
import os
import select
from collections.abc import Iterator
from pathlib import Path

import pytest

from cc_async import ConstantContact, Network
from cc_async.errors import InvalidRequestError
from cc_async.imports import ImportOptions
from cc_async.sandbox import Sandbox, SandboxSettings
from cc_async.sign_ups import SignUpOptions
from cc_async.testing import SandboxTransport
from tests.support.command import MIXED, call, serving, written

OUTPUTS = ["--rejects", "--missing", "--report"]


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """Serve a sandbox; the command keeps its state in memory."""
    with serving(SandboxSettings(activity_seconds=0.1), monkeypatch) as served:
        yield served


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("dry_run", [[], ["--dry-run"]])
@pytest.mark.parametrize("flag", OUTPUTS)
def test_no_output_replaces_the_input(
    flag: str, dry_run: list[str], sandbox: Sandbox, tmp_path: Path
) -> None:
    """The file of contacts is as it was, under its name and through a link, in a dry run too."""
    file, link = written(tmp_path, MIXED), tmp_path / "link.csv"
    link.symlink_to(file)
    for path in (file, str(link)):
        ended = call("import", file, "--list", "Newsletter", flag, path, *dry_run)
        assert ended.code == 2
        assert f"Use {flag} PATH." in ended.err
    assert Path(file).read_text() == MIXED
    assert not [entry for entry in sandbox.received if entry.method == "POST"]
    assert names(tmp_path) == {"people.csv", "link.csv"}


@pytest.mark.parametrize("flag", OUTPUTS)
def test_no_output_replaces_the_store_or_a_file_of_addresses_to_leave_out(
    flag: str, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The state file, the files beside it and what --suppress names are refused."""
    store, former = tmp_path / "state.sqlite3", tmp_path / "former.csv"
    former.write_text("bob@example.com\n")
    monkeypatch.setenv("CC_ASYNC_STORE", f"sqlite:///{store}")
    file = written(tmp_path, MIXED)
    words = ("import", file, "--list", "Newsletter", "--suppress", str(former))
    for path in (store, tmp_path / "state.sqlite3-wal", former):
        assert call(*words, flag, str(path)).code == 2
    assert former.read_text() == "bob@example.com\n"
    assert not store.exists()
    assert call(*words, flag, str(tmp_path / "out")).code == 1
    assert store.read_bytes().startswith(b"SQLite")


def test_two_outputs_of_a_command_are_two_files(sandbox: Sandbox, tmp_path: Path) -> None:
    """The report would replace the rejected rows."""
    file, out = written(tmp_path, MIXED), str(tmp_path / "out")
    ended = call("import", file, "--list", "Newsletter", "--rejects", out, "--report", out)
    assert ended.code == 2
    assert "two outputs" in ended.err
    assert names(tmp_path) == {"people.csv"}


@pytest.mark.parametrize("flag", ["--rejects", "--outcomes"])
def test_an_output_of_a_sign_up_does_not_replace_the_input(
    flag: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    """As for imports."""
    file = written(tmp_path, MIXED)
    words = ("sign-up", file, "--list", "Newsletter", "--consent", "explicit", flag, file)
    for more in ([], ["--dry-run"]):
        ended = call(*words, *more)
        assert ended.code == 2
        assert "would be replaced" in ended.err
        assert f"Use {flag} PATH." in ended.err
    assert Path(file).read_text() == MIXED
    assert not [entry for entry in sandbox.received if entry.method == "POST"]


def test_a_report_goes_into_a_device_and_is_for_its_owner_alone(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """`/dev/null` stays what it is; a file has mode 0600, since people may be named in it."""
    file, report = written(tmp_path, MIXED), tmp_path / "report.json"
    assert call("import", file, "--list", "Newsletter", "--report", "/dev/null").code == 1
    assert Path("/dev/null").is_char_device()
    assert call("import", file, "--list", "Newsletter", "--report", str(report)).code == 1
    assert report.stat().st_mode & 0o777 == 0o600


async def test_the_library_refuses_the_same(tmp_path: Path) -> None:
    """Imports, sign-ups and their dry runs refuse a path that belongs to an input or a store."""
    file, store = tmp_path / "people.csv", tmp_path / "state.sqlite3"
    file.write_text(MIXED)
    sandbox = Sandbox(SandboxSettings())
    async with (
        sandbox.serve() as server,
        ConstantContact(
            "sandbox-token", network=Network(base_url=server.url), stores=f"sqlite:///{store}"
        ) as cc,
    ):
        bulk, lists = cc.bulk, ["Newsletter"]
        for path in (file, store, tmp_path / "state.sqlite3-shm"):
            options = ImportOptions(rejects=path)
            with pytest.raises(InvalidRequestError):
                await bulk.import_contacts(file, lists=lists, options=options)
            with pytest.raises(InvalidRequestError):
                await bulk.dry_run_import(file, lists=lists, options=options)
            for signing_up in (SignUpOptions(rejects=path), SignUpOptions(outcomes=path)):
                with pytest.raises(InvalidRequestError):
                    async with bulk.sign_up(
                        file, lists=lists, consent="explicit", options=signing_up
                    ):
                        pass
                with pytest.raises(InvalidRequestError):
                    await bulk.dry_run_sign_up(file, lists=lists, options=signing_up)
    assert file.read_text() == MIXED
    assert not sandbox.received


@pytest.mark.parametrize("kind", ["rejects of an import", "rejects of a sign-up", "outcomes"])
async def test_a_slow_reader_does_not_stop_other_work(kind: str, tmp_path: Path) -> None:
    """While a pipe is full, all else on the event loop goes on, such as keeping a lease."""
    file, pipe = tmp_path / "people.csv", tmp_path / "pipe"
    file.write_text("Email\n" + "".join(f"{number:0>40}\n" for number in range(2_000)))
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    transport = SandboxTransport(Sandbox(SandboxSettings()))

    async def work(cc: ConstantContact) -> None:
        if kind == "rejects of an import":
            await cc.bulk.dry_run_import(
                file, lists=["Newsletter"], options=ImportOptions(rejects=pipe)
            )
            return
        options = SignUpOptions(**{kind.partition(" ")[0]: pipe})  # type: ignore[arg-type]
        async with cc.bulk.sign_up(
            file, lists=["Newsletter"], consent="explicit", options=options
        ) as outcomes:
            async for _ in outcomes:
                pass

    async with ConstantContact("sandbox-token", transport=transport, stores="memory:") as cc:
        working = asyncio.create_task(work(cc))
        os.set_blocking(reader, True)
        with os.fdopen(reader, "rb") as opened:
            while select.select([opened], [], [], 0)[0] == []:  # noqa: ASYNC110 - until it writes
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.1)  # the loop runs, though the pipe is full
            assert not working.done()
            read = await asyncio.to_thread(opened.read)
        await working
    assert read.count(b"\n") >= 2_000
