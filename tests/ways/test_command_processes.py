"""The command as a process of its own: signals, pipes, standard input, a missing extra."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import orjson
import pytest

from cc_async.cli._exit_codes import ExitCode
from cc_async.sandbox import SandboxSettings
from tests.support.command import serving

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are those of POSIX")

COMMAND = (sys.executable, "-m", "cc_async")
PIPE = subprocess.PIPE


@contextmanager
def running(*words: str, **environ: str) -> Iterator[subprocess.Popen[str]]:
    """Start the command; whatever is left of it at the end is killed."""
    process = subprocess.Popen(
        [*COMMAND, *words],
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
        text=True,
        env={**os.environ, **environ},
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def sandbox_process(*words: str) -> Iterator[dict[str, str]]:
    """Start a sandbox in a process of its own; yields the variables that lead to it."""
    with running("sandbox", "--port", "0", "--json", *words) as process:
        assert process.stdout is not None
        result = orjson.loads(process.stdout.readline())
        yield {
            "CC_ASYNC_BASE_URL": result["url"],
            "CC_ASYNC_ACCESS_TOKEN": result["token"],
            "CC_ASYNC_STORE": "memory:",
        }


def wait_for(process: subprocess.Popen[str], words: str) -> str:
    """Read standard error up to a line with *words*; return what was read."""
    assert process.stderr is not None
    read = ""
    for line in process.stderr:
        read += line
        if words in line:
            return read
    raise AssertionError(read)


def people(folder: Path, count: int) -> str:
    file = folder / "people.csv"
    file.write_text("Email\n" + "".join(f"p{number}@example.com\n" for number in range(count)))
    return str(file)


@pytest.mark.parametrize(
    ("number", "code", "kind"),
    [
        (signal.SIGINT, ExitCode.INTERRUPTED, "Interrupted"),
        (signal.SIGTERM, ExitCode.TERMINATED, "Terminated"),
    ],
)
def test_a_signal_stops_an_import(
    number: signal.Signals,
    code: int,
    kind: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A signal while the service works ends the command at once, with a report and how to go on."""
    with (
        serving(SandboxSettings(activity_seconds=60), monkeypatch) as sandbox,
        running("import", people(tmp_path, 20), "--list", "Newsletter", "--json") as it,
    ):
        while not any(entry.status == 201 for entry in sandbox.received):
            time.sleep(0.05)
        time.sleep(0.2)  # until the answer has been read
        begun = time.monotonic()
        it.send_signal(number)
        out, err = it.communicate(timeout=10)
        assert time.monotonic() - begun < 2
    result = orjson.loads(out)
    assert it.returncode == code
    assert (result["error"]["type"], result["state"], result["contacts_sent"]) == (
        kind,
        "running",
        20,
    )
    assert result["activities"][0]["activity_id"]
    assert "Run the same import again to go on" in result["error"]["hint"]
    assert "Traceback" not in err


@pytest.mark.slow
def test_a_job_that_runs_elsewhere_is_cancelled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`jobs cancel` stops an import in another process within seconds, and both report it."""
    with (
        serving(SandboxSettings(activity_seconds=60), monkeypatch) as sandbox,
        ExitStack() as stack,
    ):
        monkeypatch.setenv("CC_ASYNC_STORE", f"sqlite:///{tmp_path / 'state.db'}")
        command = ("import", people(tmp_path, 20), "--list", "Newsletter", "--json")
        it = stack.enter_context(running(*command))
        while not any(entry.status == 201 for entry in sandbox.received):
            time.sleep(0.05)
        listed = subprocess.run([*COMMAND, "jobs", "--json"], stdout=PIPE, text=True, check=True)
        (job,) = orjson.loads(listed.stdout)["jobs"]
        ended = subprocess.run([*COMMAND, "jobs", "cancel", job["job_id"]], check=False)
        assert ended.returncode == 0
        out, err = it.communicate(timeout=10)
        shown = subprocess.run(
            [*COMMAND, "jobs", "show", job["job_id"]], stdout=PIPE, text=True, check=True
        )
    result = orjson.loads(out)
    assert it.returncode == ExitCode.INTERRUPTED
    assert result["error"]["type"] == "JobCancelledError"
    assert "go on where it stopped" not in result["error"]["hint"]
    assert "Traceback" not in err
    assert "was cancelled before it was finished" in shown.stdout


@pytest.mark.slow
def test_a_signal_stops_a_sign_up(tmp_path: Path) -> None:
    """After ctrl-C sign-ups in flight are finished and counted, and no others begin."""
    with sandbox_process("--rate", "50") as account:
        fast = {**account, "CC_ASYNC_PER_SECOND": "50"}
        words = ("--list", "Newsletter", "--consent", "explicit", "--json")
        with running("sign-up", people(tmp_path, 5_000), *words, **fast) as it:
            wait_for(it, "Signing up")
            time.sleep(1)
            it.send_signal(signal.SIGINT)
            out, err = it.communicate(timeout=8)  # sooner than the time those on their way get
        with running("lists", "--json", **fast) as lists:
            counted = orjson.loads(lists.communicate(timeout=15)[0])["lists"][0]["membership_count"]
    result = orjson.loads(out)
    assert it.returncode == 130
    assert 0 < result["created"] == result["contacts_read"] == counted < 5_000
    assert f"cc-async resume {result['error']['hint'].split('cc-async resume ')[1][:12]}" in err
    assert "Traceback" not in err


def test_ctrl_c_twice_ends_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second ctrl-C ends the command at once: still 130, a report, no traceback."""
    words = ("--list", "Newsletter", "--consent", "explicit", "--protect", "none", "--json")
    with serving(SandboxSettings(per_second=100), monkeypatch) as sandbox:
        sandbox.faults.add("hang", path="/contacts/sign_up_form")
        with running("sign-up", people(tmp_path, 5), *words) as it:
            wait_for(it, "Looking up")
            while sandbox.received.in_flight < 5:
                time.sleep(0.05)
            it.send_signal(signal.SIGINT)
            time.sleep(0.5)
            assert it.poll() is None  # what is on its way gets its time
            it.send_signal(signal.SIGINT)
            out, err = it.communicate(timeout=5)
    assert it.returncode == 130
    assert orjson.loads(out)["error"]["type"] == "Interrupted"
    assert "Traceback" not in err


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_sandbox(number: signal.Signals, code: int) -> None:
    """The sandbox prints its address, and ends silently on a signal."""
    with running("sandbox", "--port", "0") as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("The sandbox listens at http://127.0.0.1:")
        process.send_signal(number)
        _, err = process.communicate(timeout=10)
    assert process.returncode == code
    assert "Traceback" not in err


def test_contacts_come_from_standard_input() -> None:
    """A file called - is standard input."""
    with running("import", "-", "--list", "Newsletter", "--sandbox", "--json") as it:
        out, _ = it.communicate("Email\nann@example.com\n", timeout=15)
    assert (it.returncode, orjson.loads(out)["person_count"]) == (0, 1)


@pytest.mark.parametrize("words", [("lists", "--sandbox"), ("--help",)])
def test_a_closed_pipe_is_no_error(words: tuple[str, ...]) -> None:
    """If standard output is closed, the command ends silently."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        ended = subprocess.run(
            [*COMMAND, *words], stdout=writer, stderr=PIPE, text=True, timeout=15, check=False
        )
    finally:
        os.close(writer)
    assert ended.returncode == 0
    assert "rror" not in ended.stderr.replace("standard error", "")
    assert "Traceback" not in ended.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only some systems have /dev/full")
def test_a_result_that_cannot_be_printed_is_no_success() -> None:
    """A full disk behind standard output is reported in one line, and ends with 5."""
    with Path("/dev/full").open("w") as full:
        words = [*COMMAND, "lists", "--sandbox"]
        ended = subprocess.run(words, stdout=full, stderr=PIPE, text=True, timeout=15, check=False)
    assert ended.returncode == 5
    assert "cc-async: the result cannot be printed" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("missing", ["cyclopts", "rich"])
def test_a_missing_extra_is_named(missing: str) -> None:
    """Without the packages of the command, one sentence says how to get them."""
    program = f"import sys; sys.modules[{missing!r}] = None; from cc_async.cli import main; main()"
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=15, check=False
    )
    assert ended.returncode == 2
    assert ended.stderr == ("The command needs a few more packages: pip install 'cc-async[cli]'\n")
    assert ended.stdout == ""


@pytest.mark.slow
def test_the_same_import_goes_on_where_it_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Running an interrupted import again finishes it, and sends nothing twice."""
    words = ("import", people(tmp_path, 20), "--list", "Newsletter", "--json")
    home = ("--home", str(tmp_path / "state"))
    with serving(SandboxSettings(activity_seconds=2), monkeypatch) as sandbox:
        monkeypatch.delenv("CC_ASYNC_STORE")
        with running(*words, *home) as first:
            while not any(entry.method == "POST" for entry in sandbox.received):
                time.sleep(0.05)
            first.send_signal(signal.SIGINT)
            stopped = orjson.loads(first.communicate(timeout=15)[0])
        with running(*words, *home) as second:
            out, err = second.communicate(timeout=20)
        assert len(sandbox.activities) == 1
    finished = orjson.loads(out)
    assert (first.returncode, second.returncode) == (130, 0)
    assert f"Going on with import {stopped['job_id']}" in err
    assert (finished["job_id"], finished["person_count"]) == (stopped["job_id"], 20)


def test_a_sandbox_keeps_its_account_in_a_file(tmp_path: Path) -> None:
    """Stopped and started again on the same file, the sandbox still has what it was given."""
    state = str(tmp_path / "account.sqlite3")
    for names in (["Newsletter"], ["Newsletter", "Spring fair"]):
        with running("sandbox", "--port", "0", "--state", state, "--json") as process:
            assert process.stdout is not None
            result = orjson.loads(process.stdout.readline())
            headers = {
                "Authorization": f"Bearer {result['token']}",
                "Content-Type": "application/json",
            }
            lists = orjson.loads(_asked(result["url"] + "/contact_lists", headers))["lists"]
            assert sorted(found["name"] for found in lists) == names
            _asked(result["url"] + "/contact_lists", headers, b'{"name": "Spring fair"}')
            assert b"<html" in _asked(result["page"], {}).lower()
            process.terminate()
            assert process.wait() == ExitCode.TERMINATED


def _asked(url: str, headers: dict[str, str], body: bytes | None = None) -> bytes:
    try:
        with urlopen(Request(url, body, headers)) as reply:  # noqa: S310 - the address is ours
            found: bytes = reply.read()
            return found
    except HTTPError as refused:  # the second time, the list is there already
        return refused.read()
