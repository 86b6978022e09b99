"""The way of one row: refused, attempted at most three times, or the end for all others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import orjson
import pytest

from cc_async.errors import (
    AddressRefusedError,
    BadRequestError,
    DailyQuotaError,
    PermissionDeniedError,
    ServerError,
)
from cc_async.stores import MemoryStore
from cc_async.testing import SandboxTransport
from cc_async.wire import Reply, Request
from tests.support.people import client_of, open_sandbox
from tests.support.scripted import reply

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
    sandbox.faults.add("500", path=SIGN_UP, times=2)
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
    assert set(seen) == {"unknown" if fault == "500" else "failed"}
    attempts = [entry for entry in sandbox.received if entry.path == "/v3" + SIGN_UP]
    assert len(attempts) <= most


@pytest.mark.parametrize("fault", ["503", "503-html", "429"])
async def test_an_answer_that_nothing_was_done_costs_no_attempt(fault: str) -> None:
    """However often the gateway turns a person away, all three attempts are left."""
    sandbox = open_sandbox()
    people = [{"email": "a@example.com"}]
    async with client_of(sandbox, stores=MemoryStore()) as cc:
        for _ in range(3):
            sandbox.faults.add(fault, path=SIGN_UP, times=3)
            async with cc.bulk.sign_up(people, lists=LISTS, consent="explicit") as outcomes:
                found = [outcome.status async for outcome in outcomes]
            sandbox.faults.clear()
        assert found == ["updated"]


async def test_a_person_whose_answers_were_lost_is_found_at_the_service() -> None:
    """Three requests without an answer that were carried out: the account shows the person."""
    sandbox = open_sandbox()
    sandbox.faults.add("cut-after", path=SIGN_UP, times=3)
    people = [{"email": "a@example.com", "first_name": "Ana", "phone": "555-0101"}]
    async with (
        client_of(sandbox) as cc,
        cc.bulk.sign_up(people, lists=LISTS, consent="explicit") as outcomes,
    ):
        (found,) = [outcome async for outcome in outcomes]
    assert (found.status, found.is_final) == ("updated", True)
    assert "look-up" in found.reason


async def test_a_person_who_is_not_found_is_unknown() -> None:
    """Three requests without an answer and no such contact: the outcome is unknown, not final."""
    sandbox = open_sandbox()
    sandbox.faults.add("cut-before", path=SIGN_UP, times=3)
    people = [{"email": "a@example.com"}, {"email": "b@example.com"}]
    async with (
        client_of(sandbox) as cc,
        cc.bulk.sign_up(people, lists=LISTS, consent="explicit", concurrency=1) as outcomes,
    ):
        one, two = [outcome async for outcome in outcomes]
    assert (one.status, one.is_final, two.status) == ("unknown", False, "created")
    assert (outcomes.report.unknown, outcomes.report.contacts_read) == (1, 2)


@pytest.mark.parametrize("status", [400, 402, 413, 415])
async def test_a_refusal_that_is_meant_for_all_stops_the_sign_up(
    status: int, tmp_path: Path
) -> None:
    """The same words three times in a row, none about a row: all people can be sent later."""
    sandbox, store = open_sandbox(), MemoryStore()
    path = tmp_path / "people.csv"
    path.write_text("email\n" + "".join(f"p{number}@example.com\n" for number in range(290)))
    refusal = reply(status, {"message": "This is not possible now."})

    class Refusing(SandboxTransport):
        async def send(self, request: Request, headers: Mapping[str, str]) -> Reply:
            if refuses and request.path == SIGN_UP:
                return refusal
            return await super().send(request, headers)

    refuses = True
    async with client_of(sandbox, stores=store, transport=Refusing(sandbox)) as cc:
        with pytest.raises(BadRequestError, match="not possible"):
            async with cc.bulk.sign_up(path, lists=LISTS, consent="explicit") as outcomes:
                async for _ in outcomes:
                    pass
        assert outcomes.report.failed <= 10
        refuses = False
        async with cc.bulk.sign_up(path, lists=LISTS, consent="explicit") as outcomes:
            async for _ in outcomes:
                pass
    assert outcomes.report.created + outcomes.report.updated == 290


async def test_an_address_that_may_be_blocked_is_said_to_be() -> None:
    """The service calls a blocked address invalid; the outcome says what that may mean."""
    sandbox = open_sandbox(attempts_per_day=1)
    people = [{"email": "a@example.com"}] * 2
    async with (
        client_of(sandbox) as cc,
        cc.bulk.sign_up(people, lists=LISTS, consent="explicit") as outcomes,
    ):
        _, found = [outcome async for outcome in outcomes]
    assert (found.status, found.is_final) == ("failed", True)
    assert "two days" in found.reason
    assert isinstance(found.error, AddressRefusedError)


@pytest.mark.parametrize(
    ("fault", "is_answered"), [(None, True), ("cut-before", False), ("500", False)]
)
async def test_an_answer_is_noted_once_its_outcome_is_durable(
    fault: str | None, is_answered: bool, tmp_path: Path
) -> None:
    """A process that is killed between both has people looked up, and not put off until tomorrow."""
    order = []

    class Watched(MemoryStore):
        async def append(self, log: str, entries: Sequence[bytes]) -> int:
            order.extend(entries)
            return await super().append(log, entries)

    sandbox = open_sandbox()
    if fault is not None:
        sandbox.faults.add(fault, path=SIGN_UP)
    path = tmp_path / "people.csv"
    path.write_text("email\na@example.com\n")
    async with (
        client_of(sandbox, stores=Watched(), account="a") as cc,
        cc.bulk.sign_up(path, lists=LISTS, consent="explicit") as outcomes,
    ):
        async for _ in outcomes:
            pass
    entries = [orjson.loads(entry) for entry in order]
    answered = [place for place, entry in enumerate(entries) if entry.get("answered")]
    durable = [place for place, entry in enumerate(entries) if entry.get("entry") == "outcomes"]
    assert bool(answered) == is_answered
    assert not answered or durable[0] < answered[0]
