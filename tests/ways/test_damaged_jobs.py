"""Damaged replies during whole jobs and sign-ins: errors of the tree, and no opt-out is lost."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import pytest

from cc_async import ConstantContact, ImportOptions, Limits, SignUp
from cc_async.auth import Application, SignInFlow, StoredGrant
from cc_async.errors import ConstantContactError
from cc_async.retries import RetryPolicy
from cc_async.sandbox import Sandbox
from cc_async.stores import MemoryStore
from cc_async.wire import Reply, Request, is_token
from tests.support.damage import DamagingTransport, damage
from tests.support.people import open_sandbox
from tests.support.scripted import reply

SEED = 12
NEW, LEFT, GONE = 12, 4, 3
pytestmark = [pytest.mark.looptime, pytest.mark.slow, pytest.mark.timeout(600)]

Work = Callable[[ConstantContact, Path], Awaitable[object]]


def filled() -> Sandbox:
    sandbox = open_sandbox(custom_fields=("Vehicle",), seed=SEED, activity_seconds=5.0)
    lists = (sandbox.contact_lists[0].list_id,)
    for number in range(LEFT):
        sandbox.add_contact(f"left{number}@example.com", permission="unsubscribed")
    for number in range(GONE):
        sandbox.add_contact(f"gone{number}@example.com", is_deleted=True)
    sandbox.add_contact("known@example.com", lists=lists, first_name="Ana")
    return sandbox


def write_people(folder: Path) -> Path:
    path = folder / "people.csv"
    people = [f"new{number}@example.com,Ana,car" for number in range(NEW)]
    people += [f"left{number}@example.com,Ben,car" for number in range(LEFT)]
    people += [f"gone{number}@example.com,Cem,car" for number in range(GONE)]
    path.write_text("email,first_name,cf:Vehicle\n" + "\n".join(people) + "\n")
    return path


async def _import(cc: ConstantContact, path: Path) -> None:
    options = ImportOptions(verify=True, protect=("unsubscribed", "deleted"))
    await cc.bulk.import_contacts(path, lists=["Newsletter"], options=options)


async def _import_as_json(cc: ConstantContact, path: Path) -> None:
    options = ImportOptions(verify=True, send_as="json", protect=("deleted",))
    await cc.bulk.import_contacts(path, lists=["Newsletter"], options=options)


async def _resume(cc: ConstantContact, path: Path) -> None:
    job = await cc.bulk.submit_import(path, lists=["Newsletter"])
    await job.aclose()
    await (await cc.bulk.resume(job.id, resend_uncertain=True))


async def _sign_up(cc: ConstantContact, path: Path) -> None:
    async with cc.bulk.sign_up(path, lists=["Newsletter"], consent="explicit") as outcomes:
        async for outcome in outcomes:
            assert outcome.status != "rejected"


async def _sign_one_up(cc: ConstantContact, _: Path) -> None:
    person = SignUp("new0@example.com", ["Newsletter"], first_name="Ana")
    await cc.contacts.sign_up(person, consent="explicit")


async def _dry_runs(cc: ConstantContact, path: Path) -> None:
    await cc.bulk.dry_run_import(path, lists=["Newsletter"])
    await cc.bulk.dry_run_sign_up(path, lists=["Newsletter"])


JOBS: dict[str, Work] = {
    "import": _import,
    "import as JSON": _import_as_json,
    "resume": _resume,
    "sign-up": _sign_up,
    "one sign-up": _sign_one_up,
    "dry runs": _dry_runs,
    "preferences": lambda cc, _: cc.bulk.preferences(),
    "jobs": lambda cc, _: cc.bulk.jobs(),
}


@pytest.mark.parametrize(("share", "replies"), [(0.03, 60), (0.3, 500)])
async def test_damaged_replies_to_jobs_raise_errors_of_the_tree_alone(
    share: float, replies: int, tmp_path: Path
) -> None:
    """Each job ends or raises a `ConstantContactError`, and no opted-out person is subscribed."""
    chance, path = random.Random(SEED), write_people(tmp_path)
    outside, results, damaged = Counter[str](), Counter[str](), 0
    while damaged < replies:
        sandbox = filled()
        transport = DamagingTransport(sandbox, chance, share)
        for name, work in JOBS.items():
            policy = RetryPolicy(deadline=60, patience=120, max_wait=600)
            async with ConstantContact(
                "sandbox-token",
                transport=transport,
                stores="memory:",
                retry_policy=policy,
                limits=Limits(per_second=10_000, per_day=10_000_000),
            ) as cc:
                try:
                    await work(cc, path)
                    results[f"{name} returned"] += 1
                except ConstantContactError as error:
                    results[type(error).__name__] += 1
                except Exception as error:  # noqa: BLE001 - this is what is looked for
                    outside[f"{name}: {error!r:.300}"] += 1
        damaged += transport.damaged
        _check_opt_outs(sandbox)
    assert not outside, outside.most_common(20)
    assert results["jobs returned"], results


def _check_opt_outs(sandbox: Sandbox) -> None:
    for contact in sandbox.contacts:
        assert contact.email_address is not None
        if contact.email_address.address.startswith("left"):
            assert contact.is_unsubscribed, contact.email_address.address
            assert not contact.list_memberships


class DamagedAuthServer:
    """An authorization server with good answers, half of them damaged."""

    def __init__(self, chance: random.Random) -> None:
        self.chance, self.damaged, self.tokens = chance, 0, 0

    async def send(self, request: Request, headers: Mapping[str, str]) -> Reply:
        self.tokens += 1
        body: dict[str, object] = {
            "token_type": "Bearer", "expires_in": 86_400, "access_token": f"access-{self.tokens}",
            "scope": "contact_data offline_access", "refresh_token": f"refresh-{self.tokens}",
        }  # fmt: skip
        if b"grant_type" not in (request.body or b""):
            body = {
                "device_code": "d", "user_code": "u", "verification_uri": "https://x.example",
                "verification_uri_complete": "https://x.example?u", "expires_in": 600, "interval": 5,
            }  # fmt: skip
        answer = reply(200, body)
        if self.chance.random() < 0.5:
            self.damaged += 1
            answer = damage(answer, self.chance)
        return answer

    async def aclose(self) -> None:
        pass


async def test_damaged_replies_to_sign_ins_and_renewals_raise_errors_of_the_tree_alone() -> None:
    """Each sign-in and each renewal brings tokens that can be sent, or an error of the tree."""
    chance = random.Random(SEED)
    outside, results = Counter[str](), Counter[str]()
    server = DamagedAuthServer(chance)
    while server.damaged < 1_000:
        store = MemoryStore()
        application = Application("client-1")
        flow = SignInFlow(application, store, transport=server)
        pending = flow.begin("https://app.example.com/callback")
        grant = StoredGrant(store, transport=server, application=application, refresh_token="r-0")
        works: dict[str, Callable[[], Awaitable[object]]] = {
            "code": lambda: flow.finish(pending, f"code=c&state={pending.state}"),  # noqa: B023
            "device": lambda: flow.with_device(lambda _: None),  # noqa: B023
            "token": lambda: grant.token(),  # noqa: B023
            "rejected": lambda: grant.token(rejected="access-1"),  # noqa: B023
            "renew": lambda: grant.renew(),  # noqa: B023
            "status": lambda: grant.status(),  # noqa: B023
        }
        for name, work in works.items():
            try:
                found = await work()
                results[f"{name} returned"] += 1
                if isinstance(found, str):
                    assert is_token(found)
            except ConstantContactError as error:
                results[type(error).__name__] += 1
            except Exception as error:  # noqa: BLE001 - this is what is looked for
                outside[f"{name}: {error!r:.300}"] += 1
    assert not outside, outside.most_common(20)
    assert all(results[f"{name} returned"] > 10 for name in works), results
