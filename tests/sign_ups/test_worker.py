"""The way of one row: refused, attempted at most three times, or the end for all others."""

from __future__ import annotations

import pytest

from cc_async.errors import DailyQuotaError, PermissionDeniedError, ServerError
from tests.support.people import client_of, open_sandbox

pytestmark = pytest.mark.looptime

LISTS = ["Newsletter"]
SIGN_UP = "/contacts/sign_up_form"


async def test_one_refused_person_does_not_stop_the_others() -> None:
    """A person whom the service refuses has a failed outcome with the error; the others go on."""
    sandbox = open_sandbox(attempts_per_day=1)
    people = [{"email": "a@example.com"}] * 2 + [{"email": "b@example.com"}, {"email": "no"}]
    async with (
        client_of(sandbox) as cc,
        cc.bulk.sign_up(people, lists=LISTS, consent="explicit") as outcomes,
    ):
        found = {outcome.line: outcome async for outcome in outcomes}
    assert [found[line].status for line in (1, 2, 3, 4)] == [
        "created", "failed", "created", "rejected",
    ]  # fmt: skip
    assert outcomes.report.contacts_read == 4


async def test_no_address_is_attempted_more_than_three_times() -> None:
    """An address gets three attempts, repeats after failures of the service included."""
    sandbox = open_sandbox()
    sandbox.faults.add("503", path=SIGN_UP, times=2)
    people = [{"email": "a@example.com"}] * 4
    async with (
        client_of(sandbox) as cc,
        cc.bulk.sign_up(people, lists=LISTS, consent="explicit") as outcomes,
    ):
        statuses = [outcome.status async for outcome in outcomes]
    assert statuses == ["created", "failed", "failed", "failed"]
    attempts = [entry for entry in sandbox.received if entry.path == "/v3" + SIGN_UP]
    assert len(attempts) == 3


@pytest.mark.parametrize(
    ("fault", "kind", "most"),
    [("403", PermissionDeniedError, 8), ("429-day", DailyQuotaError, 8), ("500", ServerError, 60)],
)
async def test_an_error_that_all_would_meet_stops_the_sign_up(
    fault: str, kind: type[Exception], most: int
) -> None:
    """A missing right, a used-up day or a service that is down stops it; the error comes last."""
    sandbox = open_sandbox()
    sandbox.faults.add(fault, path=SIGN_UP)
    people = [{"email": f"p{number}@example.com"} for number in range(500)]
    seen = []
    async with client_of(sandbox) as cc:
        with pytest.raises(kind):
            async with cc.bulk.sign_up(people, lists=LISTS, consent="explicit") as outcomes:
                async for outcome in outcomes:
                    seen.append(outcome.status)  # noqa: PERF401 - the error comes after these
    assert set(seen) == {"failed"}
    attempts = [entry for entry in sandbox.received if entry.path == "/v3" + SIGN_UP]
    assert len(attempts) <= most
