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
    """A million arrive and are all found, in as few requests as can be, and below 150 MB.

    The least is to read lists and custom fields, to send each body, to ask for an export of the
    list, and to fetch it. Looking after activities comes on top: as often as there are any would
    be cheap.
    """
    path = write_csv(tmp_path / "million.csv", 1_000_000)
    settings = {"kept_bytes": 0, "activity_seconds": 10.0}
    with sandbox_process(**settings) as sandbox:
        figures = result(run("million", sandbox.url, str(path), "verify"))
        seen = sandbox.stop()
    assert figures["is_all_accepted"]
    assert figures["person_count"] == seen["contacts"] == 1_000_000
    assert (figures["missing"], figures["unconfirmed"]) == (0, 0)
    assert figures["peak_mb"] < 150
    assert seen["refused"] == 0
    bodies = max(math.ceil(figures["bytes"] / MAX_BYTES), math.ceil(1_000_000 / MAX_CONTACTS))
    least = 2 + bodies + 2
    print(f"{seen['received']} requests, {seen['looks']} of them looks; {least} is the least")
    assert seen["received"] == figures["requests"]
    assert seen["received"] - seen["looks"] <= 1.02 * least
    assert seen["looks"] <= seen["activities"]


@pytest.mark.parametrize("window", ["fixed", "sliding"])
def test_four_processes_share_four_a_second_and_nobody_is_refused(window: str) -> None:
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
