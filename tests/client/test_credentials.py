"""The credentials of a client: the order in which they are looked for, and whose limits count."""

from __future__ import annotations

import attrs
import pytest

from cc_async import ConstantContact, Settings, Stores
from cc_async.auth import AccessToken, Application, StoredGrant, TokenSource, application_of
from cc_async.client._credentials import open_credentials
from cc_async.client._open_stores import OpenStores
from cc_async.errors import AuthError
from cc_async.stores import MemoryStore
from cc_async.transport import AiohttpTransport
from cc_async.wire import Request, read_json
from tests.support.accounts import jwt
from tests.support.scripted import ScriptedTransport, reply
from tests.support.tokens import CLIENT_ID, RotatingService, make_grant, signed_in

IN_MEMORY = Settings(store="memory:")


def opened(token: object = None, settings: Settings = IN_MEMORY) -> tuple[object, str, str]:
    stores = OpenStores(Stores(), settings)
    found = open_credentials(token, settings, stores, AiohttpTransport)  # type: ignore[arg-type]
    return found.tokens, found.application, found.account


def test_without_a_token_the_client_says_what_to_do() -> None:
    """Without any token the error names the variable to set."""
    with pytest.raises(AuthError) as caught:
        ConstantContact(stores="memory:")
    assert "CC_ASYNC_ACCESS_TOKEN" in caught.value.hint


def test_a_token_goes_before_that_of_the_settings() -> None:
    """Its application is read from the token that is used."""
    settings = Settings(store="memory:", access_token="from-the-settings")
    for token, used in (("given", "given"), (None, "from-the-settings")):
        tokens, application, account = opened(token, settings)
        assert isinstance(tokens, AccessToken)
        assert (application, account) == (application_of(used), "")


def test_an_own_source_of_tokens_is_used_as_it_is() -> None:
    """An object with a `token` method is used; it does not tell its application."""

    class Source:
        async def token(self, *, rejected: str | None = None) -> str:
            return "t"

    source = Source()
    assert opened(source) == (source, "", "")


@pytest.mark.parametrize(("profile", "account"), [("default", ""), ("acme", "acme")])
def test_the_account_is_named_after_the_profile(profile: str, account: str) -> None:
    """Accounts of one application take turns by the names of their profiles."""
    settings = Settings(store="memory:", client_id="client-1", profile=profile)
    tokens, application, found = opened(None, settings)
    assert isinstance(tokens, StoredGrant)
    assert (application, found) == ("client-1", account)
    grant = StoredGrant(
        MemoryStore(), transport=AiohttpTransport("https://auth.example.com"), profile=profile
    )
    assert opened(grant) == (grant, "", account)


@attrs.frozen
class Tokens:
    """A token source of one's own."""

    now: str

    async def token(self, *, rejected: str | None = None) -> str:
        return self.now


async def _tokens_of_one_application(store: MemoryStore) -> list[str | TokenSource]:
    service = RotatingService()
    await signed_in(service, store)
    application = Application(CLIENT_ID)
    return [
        jwt("lola", application=CLIENT_ID),
        AccessToken(jwt("tim", application=CLIENT_ID)),
        Tokens(jwt("lola", application=CLIENT_ID)),
        make_grant(service, store, application=application),
        make_grant(service, store),
    ]


@pytest.mark.looptime
async def test_all_sources_of_tokens_share_the_budget_of_their_application() -> None:
    """Fixed tokens, sign-ins and sources of one's own use one budget, and wait in one queue."""
    store, transport = MemoryStore(), ScriptedTransport(reply(200, {"lists": []}))
    tokens = await _tokens_of_one_application(store)
    clients = [ConstantContact(one, stores=store, transport=transport) for one in tokens]
    for used, cc in enumerate(clients):
        assert (await cc.budget.statistics()).used == used
        await cc._session.send(Request("GET", "/contact_lists"), read_json)
    assert [key for key in store._records if key.startswith("budget:")] == [f"budget:{CLIENT_ID}"]


@pytest.mark.looptime
async def test_tokens_that_tell_no_application_have_one_budget() -> None:
    """A source of opaque tokens keeps its budget when the token changes."""
    store, transport = MemoryStore(), ScriptedTransport(reply(200, {"lists": []}))
    for token in ("one", "two"):
        cc = ConstantContact(Tokens(token), stores=store, transport=transport)
        await cc._session.send(Request("GET", "/contact_lists"), read_json)
    assert (await cc.budget.statistics()).used == 2


def test_a_refresh_token_needs_its_application() -> None:
    """A refresh token without a client id is refused, with the variable to set."""
    with pytest.raises(AuthError, match="CC_ASYNC_REFRESH_TOKEN") as caught:
        opened(None, Settings(store="memory:", refresh_token="r"))
    assert "CC_ASYNC_CLIENT_ID" in caught.value.hint


def test_the_limits_belong_to_the_application() -> None:
    """Two tokens of one application share a budget by its id; other tokens have their own."""
    # the claims of the first two: {"cid":"app-1","sub":"a"} and {"cid":"app-1","sub":"b"}
    first = "eyJhbGciOiJub25lIn0.eyJjaWQiOiJhcHAtMSIsInN1YiI6ImEifQ.x"
    second = "eyJhbGciOiJub25lIn0.eyJjaWQiOiJhcHAtMSIsInN1YiI6ImIifQ.x"
    assert application_of(first) == application_of(second) == "app-1"
    assert application_of("opaque") == application_of("opaque") != application_of("other")
    assert "opaque" not in application_of("opaque")
