"""From a command line to an exit code, and to a tidy end."""

import signal

import anyio
import pytest

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
