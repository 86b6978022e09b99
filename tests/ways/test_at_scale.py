"""What only shows at scale: memory that stays flat, and limits kept by processes together."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cc_async.wire import MAX_BYTES, MAX_CONTACTS
from tests.support.people import write_csv
from tests.support.sandbox_process import sandbox_process

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


def run(module: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", f"tests.support.{module}", *arguments],
        stdout=subprocess.PIPE,
        text=True,
    )


def result(process: subprocess.Popen[str]) -> dict[str, float]:
    output, _ = process.communicate()
    assert process.returncode == 0
    figures: dict[str, float] = json.loads(output)
    print(figures)
    return figures


@pytest.mark.timeout(900)
def test_a_million_contacts_are_imported_and_verified_at_the_least_cost(tmp_path: Path) -> None:
    """A million arrive and are all found, in the fewest requests that do it, and below 150 MB.

    The fewest: one to learn the list's id; a body for every 4,000,000 bytes, or for every 39,999
    people if that makes more; one to ask for an export of the list, one to fetch it; not one more.
    Looks at activities come on top. With known ends there would be two, at the imports and at the
    export; as ends are unknown, looks follow the age, less than one for each activity.
    """
    path = write_csv(tmp_path / "million.csv", 1_000_000)
    settings = {"kept_bytes": 0, "activity_seconds": 10.0}
    with sandbox_process(**settings) as sandbox:
        figures = result(run("million", sandbox.url, str(path), "verify"))
        seen = sandbox.stop()
    assert figures["is_all_accepted"]
    assert figures["person_count"] == seen["contacts"] == 1_000_000
    assert (figures["missing"], figures["not_changed"]) == (0, 0)
    assert figures["peak_mb"] < 150
    assert seen["refused"] == 0
    bodies = max(math.ceil(figures["bytes"] / MAX_BYTES), math.ceil(1_000_000 / MAX_CONTACTS))
    assert figures["bodies"] == bodies
    least = 1 + bodies + 2
    beyond = seen["received"] / (least + 2) - 1
    print(
        f"{seen['received']} requests: {seen['received'] - seen['looks']}, {least} being the least, "
        f"and {seen['looks']} looks; {beyond:+.1%} of what takes no look in vain"
    )
    assert seen["received"] == figures["requests"]
    assert seen["received"] - seen["looks"] == least
    assert seen["looks"] <= seen["activities"] / 4


@pytest.mark.parametrize("window", ["fixed", "sliding"])
def test_four_processes_share_four_a_second_and_none_is_refused(window: str) -> None:
    """Four processes on one state folder, with a latency of 50 to 300 ms, are never refused."""
    settings = {"window": window, "latency": 0.05, "latency_jitter": 0.25}
    with sandbox_process(**settings) as sandbox:
        started = time.monotonic()
        signers = [run("signer", sandbox.url, f"s{number}", "25") for number in range(4)]
        reports = [result(signer) for signer in signers]
        seconds = time.monotonic() - started
        seen = sandbox.stop()
    print(f"{seen['received'] / seconds:.2f} requests a second")
    assert [report["created"] for report in reports] == [25] * 4
    assert seen["contacts"] == 100
    assert seen["refused"] == 0
