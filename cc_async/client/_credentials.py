"""The credentials of a client: an access token, a refresh token, or a stored sign-in."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from cc_async.auth import (
    AccessToken,
    Application,
    StoredGrant,
    TokenSource,
    application_of,
    claims_of,
    known_application,
    not_signed_in,
)
from cc_async.client._open_stores import OpenStores
from cc_async.errors import AuthError
from cc_async.settings import DEFAULT_PROFILE, Settings
from cc_async.transport import Transport


@attrs.frozen(eq=False, repr=False)
class Credentials:
    """The source of tokens, and the application that the limits belong to.

    *application* is empty if only a token tells it; see `find_application`. *client_id* is the application's id, or empty if it is unknown. *account* is the name of the
    profile. *transport* leads to the authorization server, where one is needed.
    """

    tokens: TokenSource
    application: str
    client_id: str = ""
    account: str = ""
    transport: Transport | None = None

    async def aclose(self) -> None:
        """Close the connections to the authorization server."""
        if self.transport is not None:
            await self.transport.aclose()


def open_credentials(
    token: str | TokenSource | None,
    settings: Settings,
    stores: OpenStores,
    connect: Callable[[str], Transport],
) -> Credentials:
    """Return the credentials that *token* or *settings* name; *connect* opens a transport to a URL.

    Raises:
        AuthError: There are none.
    """
    token = settings.access_token if token is None else token
    if isinstance(token, str):
        client_id = str(claims_of(token).get("cid") or "")
        return Credentials(AccessToken(token), application_of(token), client_id)
    if isinstance(token, StoredGrant):
        client_id = token.client_id or ""
        return Credentials(token, client_id, client_id, _account(token.profile))
    if token is not None:
        return Credentials(token, "")
    return _open_grant(settings, stores, connect)


async def find_application(tokens: TokenSource, token: str = "") -> str:
    """Return the application that the limits of *tokens* belong to; *token* is one of them.

    A stored sign-in knows it, and so does a token with claims. All sources of other tokens share
    one name: their tokens change, and may belong to the same application.

    Raises:
        AuthError: There is no token.
    """
    if isinstance(tokens, StoredGrant):
        return (await tokens.status()).client_id
    token = token or await tokens.token()
    if isinstance(tokens, AccessToken):
        return application_of(token)
    return str(claims_of(token).get("cid") or "application")


def _open_grant(
    settings: Settings, stores: OpenStores, connect: Callable[[str], Transport]
) -> Credentials:
    client_id = settings.client_id
    if settings.refresh_token and client_id is None:
        raise AuthError(
            "CC_ASYNC_REFRESH_TOKEN is of no use without the application it belongs to.",
            "Set CC_ASYNC_CLIENT_ID as well.",
        )
    client_id = client_id or known_application(settings.home, settings.profile)
    if client_id is None:
        raise not_signed_in(settings.profile)
    transport = connect(settings.auth_url)
    grant = StoredGrant(
        stores.tokens(),
        transport=transport,
        profile=settings.profile,
        application=Application(client_id, settings.client_secret),
        refresh_token=settings.refresh_token,
        budget_store=stores.budget(),
    )
    return Credentials(grant, client_id, client_id, _account(settings.profile), transport)


def _account(profile: str) -> str:
    return "" if profile == DEFAULT_PROFILE else profile
