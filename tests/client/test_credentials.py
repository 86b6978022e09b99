"""The credentials of a client: the order in which they are looked for, and whose limits count."""

from __future__ import annotations

import pytest

from cc_async import ConstantContact, Settings, Stores
from cc_async.auth import AccessToken, StoredGrant, application_of
from cc_async.client._credentials import open_credentials
from cc_async.client._open_stores import OpenStores
from cc_async.errors import AuthError
from cc_async.stores import MemoryStore
from cc_async.transport import AiohttpTransport

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
    assert opened(source) == (source, "application", "")


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
    assert opened(grant) == (grant, "application", account)


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
