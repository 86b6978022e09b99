"""From a command line to an exit code, and to a tidy end."""

import signal
import subprocess
import sys
import time

import anyio
import pytest

from cc_async.cli._failures import interruption
from cc_async.cli._main import stopping_on_signals, wants_json


@pytest.mark.parametrize(
    ("words", "is_json"),
    [
        (["import", "--json"], True),
        (["import", "--map", "a --json b=email"], False),
        (["import", "--", "--json"], False),
        ([], False),
    ],
)
def test_json_is_asked_for_by_its_own_word(words: list[str], is_json: bool) -> None:
    """Only the option itself counts, not a text that holds it."""
    assert wants_json(words) is is_json


async def test_a_signal_stops_the_work() -> None:
    """A signal cancels the block at once and is remembered; the handlers are gone afterwards."""
    before = signal.getsignal(signal.SIGTERM)
    with stopping_on_signals() as stop:
        signal.raise_signal(signal.SIGTERM)
        await anyio.sleep(5)
        pytest.fail("the block was not cancelled")
    assert stop.is_made
    assert stop.signal == signal.SIGTERM
    assert signal.getsignal(signal.SIGTERM) == before


LATE = """
import os, signal, sys, time
from cc_async.cli import _main
inner = _main._run_until_end
def run_until_end(*given):
    failure = inner(*given)
    os.kill(os.getpid(), getattr(signal, sys.argv[1]))  # after the work, before its result
    time.sleep(0.1)
    return failure
_main._run_until_end = run_until_end
raise SystemExit(_main.run_command(["quota", "--sandbox", "--json"]))
"""


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP"])
def test_a_signal_in_the_last_moment_leaves_the_result(name: str) -> None:
    """The work is done, so its result is printed and the exit code is its own."""
    ended = subprocess.run([sys.executable, "-c", LATE, name], capture_output=True, text=True)
    assert (ended.returncode, "Traceback" in ended.stderr) == (0, False)
    assert ended.stdout.startswith("{")


async def test_a_closed_terminal_stops_the_work() -> None:
    """SIGHUP is answered like SIGTERM, with a word of its own."""
    with stopping_on_signals() as stop:
        signal.raise_signal(signal.SIGHUP)
        await anyio.sleep(5)
        pytest.fail("the block was not cancelled")
    assert stop.signal is not None
    failure = interruption(stop.signal)
    assert (failure.exit_code, failure.type) == (129, "HungUp")


async def test_a_signal_that_nohup_ignores_stays_ignored() -> None:
    """Work that was to outlive its terminal goes on."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with stopping_on_signals() as stop:
            signal.raise_signal(signal.SIGHUP)
            await anyio.sleep(0.01)
        assert not stop.is_made
    finally:
        for number in (signal.SIGHUP, signal.SIGTERM):
            signal.signal(number, before)
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.mark.parametrize("milliseconds", [0, 20, 50, 100, 200, 400])
def test_ctrl_c_while_modules_load_ends_the_command_silently(milliseconds: int) -> None:
    """From the command's first step on, ctrl-C ends it with 130 and without a traceback."""
    words = [sys.executable, "-X", "importtime", "-m", "cc_async", "sandbox", "--port", "0"]
    started = subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1
    )
    with started as it:
        try:
            assert it.stderr is not None
            for line in it.stderr:
                if line.split("|")[-1].strip() == "cc_async.cli":
                    break
            it.stderr.readline()  # of the next module: by now the handler is there
            time.sleep(milliseconds / 1000)
            it.send_signal(signal.SIGINT)
            _, err = it.communicate(timeout=10)
        finally:
            it.kill()
    assert it.returncode == 130
    assert "Traceback" not in err
    assert "KeyboardInterrupt" not in err


def test_ctrl_c_that_is_ignored_from_the_start_stays_ignored() -> None:
    """A command in the background of a shell script goes on while its modules load."""
    program = (
        "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); "
        "from cc_async.cli import main; signal.raise_signal(signal.SIGINT); main(['--version'])"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (0, "")
