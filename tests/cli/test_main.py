"""From a command line to an exit code, and to a tidy end."""

import signal
import subprocess
import sys

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
