"""Changes while a long sign-up runs: opt-outs are heeded, and attempts that were not made do not count."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest

from cc_async.sandbox import Sandbox, SandboxSettings
from cc_async.sandbox.contacts import mark_deleted, set_permission
from cc_async.stores import loop_clock
from tests.support.people import FAST, client_of

pytestmark = pytest.mark.looptime


def open_today() -> Sandbox:
    """Return a sandbox whose clock is ours."""
    return Sandbox(SandboxSettings(**FAST), clock=loop_clock())  # type: ignore[arg-type]


def opt_out(sandbox: Sandbox, email: str, how: str) -> None:
    record = sandbox.state.contacts.find(email)
    assert record is not None
    if how.startswith("deleted"):
        before = record.updated_at
        mark_deleted(sandbox.state, record, sandbox.clock())
        if how == "deleted unmoved":
            record.updated_at = before
            sandbox.state.contacts.save(record)
        return
    set_permission(record, "unsubscribed", "Contact", sandbox.clock())
    record.updated_at = sandbox.clock()
    sandbox.state.contacts.save(record)


@pytest.mark.parametrize("how", ["unsubscribed", "deleted", "deleted unmoved"])
async def test_a_person_who_opts_out_while_a_sign_up_runs_is_suppressed(how: str) -> None:
    """A person who opted out hours after the start, and before their row is reached, is not sent.

    That holds for a deletion that leaves `updated_at` as it was, too.
    """
    sandbox = open_today()
    for email in ("early@example.com", "late@example.com"):
        sandbox.add_contact(email)

    async def people() -> AsyncIterator[dict[str, str]]:
        yield {"email": "early@example.com"}
        await anyio.sleep(3 * 3_600)
        opt_out(sandbox, "late@example.com", how)
        await anyio.sleep(1_000)
        yield {"email": "late@example.com"}
        yield {"email": "early@example.com"}

    async with (
        client_of(sandbox) as cc,
        cc.bulk.sign_up(people(), lists=["Newsletter"], consent="explicit") as outcomes,
    ):
        seen = [(outcome.line, outcome.status, outcome.reason) async for outcome in outcomes]
    assert sorted(seen) == [
        (1, "updated", ""),
        (2, "suppressed", how.split()[0]),
        (3, "updated", ""),
    ]
    asked = [entry for entry in sandbox.received if entry.path == "/v3/contacts"]
    assert (
        len(asked) == 1 + 3
    )  # all opt-outs at first, then the new ones of each kind, and the deleted


async def test_a_short_sign_up_asks_for_opt_outs_once() -> None:
    """Opt-outs that were read count for ten minutes."""
    sandbox = open_today()
    people = [{"email": f"p{number}@example.com"} for number in range(200)]
    async with (
        client_of(sandbox, per_second=4) as cc,
        cc.bulk.sign_up(people, lists=["Newsletter"], consent="explicit") as outcomes,
    ):
        assert {outcome.status async for outcome in outcomes} == {"created"}
    assert sum(entry.path == "/v3/contacts" for entry in sandbox.received) == 1


@pytest.mark.parametrize("kind", ["file", "list"])
async def test_a_stopped_sign_up_uses_up_no_attempts_of_people_it_did_not_reach(
    kind: str, tmp_path: Path
) -> None:
    """A sign-up that stops five times shortly before the same people leaves them all attempts."""
    sandbox = open_today()
    path = tmp_path / "people.csv"
    late = [f"late{number}@example.com" for number in range(40)]
    async with client_of(sandbox) as cc:
        for turn in range(5):
            early = [f"early{turn}.{number}@example.com" for number in range(20 if turn < 4 else 0)]
            path.write_text("Email\n" + "\n".join(early + late))
            people = path if kind == "file" else [{"email": email} for email in early + late]
            seen = 0
            async with cc.bulk.sign_up(
                people, lists=["Newsletter"], consent="explicit", concurrency=4
            ) as outcomes:
                async for outcome in outcomes:
                    assert outcome.status == "created", (turn, outcome)
                    seen += 1
                    if turn < 4 and seen == 12:
                        outcomes.stop()
            assert seen < 20 or turn == 4
            if kind == "file" and turn < 4:
                assert outcomes.job_id is not None
                await cc.bulk.cancel(outcomes.job_id)
    assert all(sandbox.find_contact(email) is not None for email in late)
