"""The counts of a sign-up's report add up, however often it is stopped and resumed."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from cc_async import ConstantContact, ConstantContactError, SignUpReport
from cc_async.sandbox import Sandbox
from tests.support.people import client_of, open_sandbox

DAY = 86_400.0

EMAILS = st.one_of(
    st.integers(0, 30).map(lambda number: f"p{number}@example.com"),
    st.integers(0, 8).map(lambda number: f" P{number}@Example.COM "),
    st.sampled_from(["nobody", "a@b", "gone@example.com", "left@example.com"]),
)
FAULTS = st.dictionaries(
    st.sampled_from(["503-html", "cut-before", "cut-after", "half-body", "429", "403", "429-day"]),
    st.sampled_from([0.05, 0.3]),
    max_size=3,
)
STOPS = st.lists(st.sampled_from([0, 1, 5, 12, 100]), max_size=4)


def hostile(faults: dict[str, float], attempts_per_day: int | None) -> Sandbox:
    sandbox = open_sandbox(seed=1, latency=0.1, attempts_per_day=attempts_per_day)
    sandbox.add_contact("gone@example.com", permission="unsubscribed")
    sandbox.add_contact("left@example.com", is_deleted=True)
    for name, share in faults.items():
        sandbox.faults.add(name, share=share, path="/contacts/sign_up_form")
    return sandbox


def check(report: SignUpReport) -> None:
    assert report.contacts_read == (
        report.contacts_rejected
        + report.contacts_suppressed
        + report.created
        + report.updated
        + report.failed
        + report.unknown
    )


async def run(cc: ConstantContact, path: Path, most: int, finished: Counter[int]) -> SignUpReport:
    """Sign up the people that are left, stop after *most* outcomes, and count the good outcomes."""
    report, taken = SignUpReport(), 0
    try:
        async with cc.bulk.sign_up(path, lists=["Newsletter"], consent="explicit") as outcomes:
            async for outcome in outcomes:
                taken += 1
                finished[outcome.line] += outcome.status in ("created", "updated", "suppressed")
                report = outcomes.report
                check(report)
                if taken == most:
                    outcomes.stop()
    except ConstantContactError:
        check(report)
    return report


@pytest.mark.looptime
@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    emails=st.lists(EMAILS, min_size=1, max_size=50),
    faults=FAULTS,
    stops=STOPS,
    attempts_per_day=st.sampled_from([None, 3]),
)
async def test_every_count_adds_up_and_no_person_comes_twice(
    emails: list[str],
    faults: dict[str, float],
    stops: list[int],
    attempts_per_day: int | None,
    tmp_path: Path,
) -> None:
    """Read = rejected, suppressed, created, updated, failed and unknown; a good outcome is the last."""
    sandbox = hostile(faults, attempts_per_day)
    path = tmp_path / "people.csv"
    path.write_text("email,first_name\n" + "".join(f"{email},A\n" for email in emails))
    finished: Counter[int] = Counter()
    report = SignUpReport()
    async with client_of(sandbox) as cc:
        for most in [*stops, *[0] * len(emails)]:  # an address that comes often takes days
            if most == 0:
                await asyncio.sleep(2 * DAY)
                sandbox.faults.clear()
            report = await run(cc, path, most, finished)
            if any(job.state == "ended" for job in await cc.bulk.jobs()):
                break
    assert set(finished.values()) <= {0, 1}
    assert report.contacts_read == len(emails)
    addresses = {email.strip().lower() for email in emails} - {"nobody", "a@b"}
    suppressed = addresses & {"gone@example.com", "left@example.com"}
    assert sandbox.contact_count == len(addresses - suppressed) + 1  # the one who unsubscribed
    assert_paced(sandbox)


def assert_paced(sandbox: Sandbox) -> None:
    """No address was attempted more than three times within a day.

    A request that was turned away with 403, 429 or 503 had no effect, and counts as none.
    """
    attempts: dict[str, list[float]] = {}
    for entry in sandbox.received:
        if entry.path == "/v3/contacts/sign_up_form" and entry.status not in (403, 429, 503):
            address = orjson.loads(entry.body)["email_address"].strip().lower()
            attempts.setdefault(address, []).append(entry.at)
    for times in attempts.values():
        assert all(later - earlier > DAY for earlier, later in zip(times, times[3:], strict=False))
