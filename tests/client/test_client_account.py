"""The account of a client: found by itself, kept with the sign-in, and held to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import pytest

from cc_async import ConstantContact, Limits, Settings, Stores
from cc_async.auth import TokenSource, identity_of_account_id, identity_of_name, identity_of_token
from cc_async.client._client_account import ClientAccount
from cc_async.errors import (
    AuthenticationError,
    AuthError,
    OtherAccountError,
    TransportError,
    UnknownAccountError,
)
from cc_async.retries import RetryPolicy
from cc_async.stores import MemoryStore
from cc_async.wire import Request, read_json
from tests.support.accounts import jwt, summary
from tests.support.scripted import Answer, ScriptedTransport, make_session, reply
from tests.support.tokens import RotatingService, make_grant, signed_in

pytestmark = pytest.mark.looptime

IMPATIENT = RetryPolicy(deadline=1.0)


@attrs.define
class Tokens:
    """A token source of one's own, with whatever token it has at the moment."""

    now: str

    async def token(self, *, rejected: str | None = None) -> str:
        return self.now


class CountingStore(MemoryStore):
    """A store that counts its use."""

    uses = 0

    async def update(self, key: str, change: Any) -> Any:
        self.uses += 1
        return await super().update(key, change)

    async def append(self, log: str, entries: Any) -> int:
        self.uses += 1
        return await super().append(log, entries)

    async def read(self, log: str, start: int = 0) -> list[bytes]:
        self.uses += 1
        return await super().read(log, start)


def account_of(
    tokens: TokenSource, *answers: Answer, name: str | None = None
) -> tuple[ClientAccount, ScriptedTransport]:
    transport = ScriptedTransport(*answers or (summary("a00one"),))
    return ClientAccount(make_session(transport, tokens=tokens, policy=IMPATIENT), name), transport


async def test_a_jwt_tells_the_account_without_a_request() -> None:
    """The claims of a token suffice, also those of a source of one's own."""
    account, transport = account_of(Tokens(jwt("lola")))
    assert await account.find() == identity_of_token(jwt("lola"))
    assert not transport.sent


async def test_the_service_is_asked_once_for_an_opaque_token() -> None:
    """Tokens without claims cost one request for the life of the client."""
    account, transport = account_of(Tokens("opaque"))
    assert [await account.find(), await account.find()] == [identity_of_account_id("a00one")] * 2
    await account.check("opaque")
    assert [request.path for request in transport.sent] == ["/account/summary"]


async def test_the_id_is_kept_with_the_sign_in() -> None:
    """Another process does not ask again, not even after a renewal; a new sign-in is asked anew."""
    store, service = MemoryStore(), RotatingService()
    await signed_in(service, store)
    first, transport = account_of(make_grant(service, store))
    assert await first.find() == identity_of_account_id("a00one")
    await make_grant(service, store).renew()
    second, silent = account_of(make_grant(service, store), TransportError("down"))
    assert await second.find() == identity_of_account_id("a00one")
    assert (len(transport.sent), silent.sent) == (1, [])

    await signed_in(service, store, sign_in="sign-in-2")
    third, asked = account_of(make_grant(service, store), summary("a00two"))
    assert await third.find() == identity_of_account_id("a00two")
    assert len(asked.sent) == 1


async def test_an_id_is_never_kept_with_another_sign_in() -> None:
    """A user who signs in while the service is asked does not get the id of the account before."""
    store, service = MemoryStore(), RotatingService()
    await signed_in(service, store)
    grant = make_grant(service, store)
    before = await grant.token()
    await signed_in(service, store, sign_in="sign-in-2")
    await grant.keep_account_id(before, "a00one")
    assert await grant.account_id(before) == ""
    assert await grant.account_id(await make_grant(service, store).token()) == ""


@pytest.mark.parametrize(
    "answer", [TransportError("down"), reply(503), reply(403, []), reply(200, {}), reply(200, "x")]
)
async def test_without_an_account_the_error_says_how_to_name_it(answer: Answer) -> None:
    """If neither the token nor the service tells the account, the error asks for `account=`."""
    account, _ = account_of(Tokens("opaque"), answer)
    with pytest.raises(UnknownAccountError) as caught:
        await account.find()
    assert "account=" in caught.value.hint
    assert "CC_ASYNC_ACCOUNT" in caught.value.hint


async def test_a_rejected_token_is_told_as_such() -> None:
    """A name for the account would not help a token that the service rejects."""
    account, _ = account_of(Tokens("opaque"), reply(401))
    with pytest.raises((AuthError, AuthenticationError)):
        await account.find()


async def test_a_token_of_another_account_is_refused() -> None:
    """Once the account is found, a request with a token of another one does not leave."""
    tokens = Tokens(jwt("lola"))
    account, transport = account_of(tokens, reply(200, {}))
    session = attrs.evolve(
        make_session(transport, tokens=tokens), check_token=account.check
    )  # fmt: skip
    await account.find()
    await session.send(Request("GET", "/contacts"), read_json)
    tokens.now = jwt("lola", number=2)
    await session.send(Request("GET", "/contacts"), read_json)
    tokens.now = jwt("tim")
    with pytest.raises(OtherAccountError):
        await session.send(Request("GET", "/contacts"), read_json)
    assert len(transport.sent) == 2


async def test_a_named_account_accepts_every_token() -> None:
    """With a name, the caller answers for the tokens: they are neither read nor asked about."""
    name = identity_of_name("app", "acme")
    account, transport = account_of(Tokens("opaque"), name=name)
    assert await account.find() == name
    await account.check(jwt("tim"))
    assert not transport.sent


CALLS: list[Callable[[ConstantContact], Any]] = [
    lambda cc: cc.bulk.jobs(),
    lambda cc: cc.bulk.resume(),
    lambda cc: cc.bulk.resume("0123456789ab"),
    lambda cc: cc.bulk.cancel("0123456789ab"),
    lambda cc: cc.bulk.delete("0123456789ab"),
    lambda cc: cc.bulk.sign_up_report("0123456789ab"),
    lambda cc: cc.bulk.submit_import([{"email": "a@example.com"}], lists=["Newsletter"]),
    lambda cc: _enter(
        cc.bulk.sign_up([{"email": "a@example.com"}], lists=["News"], consent="explicit")
    ),
    lambda cc: _enter(cc.bulk.resume_sign_up()),
]


async def _enter(context: Any) -> None:
    async with context:
        pass


@pytest.mark.parametrize("call", CALLS)
async def test_without_an_account_no_job_is_read_or_written(
    call: Callable[[ConstantContact], Any],
) -> None:
    """An opaque token while the service is down: the store of jobs is not even touched."""
    store, transport = CountingStore(), ScriptedTransport(TransportError("down"))
    async with ConstantContact(
        "opaque",
        stores=Stores("memory:", journal=store),
        transport=transport,
        retry_policy=IMPATIENT,
        limits=Limits(per_second=1_000),
    ) as cc:
        with pytest.raises(UnknownAccountError):
            await call(cc)
    assert store.uses == 0
    assert {request.path for request in transport.sent} == {"/account/summary"}


def test_a_blank_token_is_refused() -> None:
    """A blank token is a mistake, and never the sign-in of the environment."""
    with pytest.raises(AuthError, match="no access token"):
        ConstantContact("", settings=Settings(store="memory:", access_token="another"))
