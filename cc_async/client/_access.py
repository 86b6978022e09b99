"""How a client gets in: with a token, with a refresh token, or as whoever signed in."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from cc_async.auth import (
    AccessToken,
    Application,
    StoredGrant,
    TokenSource,
    TokenStore,
    application_of,
    known_application,
    not_signed_in,
    open_token_store,
)
from cc_async.client._stores import OpenStores
from cc_async.errors import AuthError
from cc_async.settings import Settings
from cc_async.transport import Transport


@attrs.frozen(eq=False, repr=False)
class Access:
    """Where tokens come from, whose limits count, and what was opened for it.

    *account* tells accounts of one application apart.
    """

    tokens: TokenSource
    application: str
    account: str = ""
    _transport: Transport | None = None
    _records: TokenStore | None = None

    async def aclose(self) -> None:
        """Close what was opened for it."""
        for opened in (self._transport, self._records):
            if opened is not None:
                await opened.aclose()


def open_access(
    token: str | TokenSource | None,
    settings: Settings,
    stores: OpenStores,
    connect: Callable[[str], Transport],
) -> Access:
    """Return the way in that *token* or *settings* name; *connect* opens a transport to a URL.

    Raises:
        AuthError: There is none.
    """
    token = token or settings.access_token
    if isinstance(token, str):
        return Access(AccessToken(token), application_of(token))
    if isinstance(token, StoredGrant):
        return Access(token, token.client_id or "application", _account(token.profile))
    if token is not None:
        return Access(token, "application")
    return _open_grant(settings, stores, connect)


def _open_grant(
    settings: Settings, stores: OpenStores, connect: Callable[[str], Transport]
) -> Access:
    client_id = settings.client_id
    if settings.refresh_token and client_id is None:
        raise AuthError(
            "CC_ASYNC_REFRESH_TOKEN is of no use without the application it belongs to.",
            "Set CC_ASYNC_CLIENT_ID as well.",
        )
    client_id = client_id or known_application(settings.home, settings.profile)
    if client_id is None:
        raise not_signed_in(settings.profile)
    own = open_token_store(settings.token_store) if settings.token_store else None
    transport = connect(settings.auth_url)
    grant = StoredGrant(
        own or stores.get(settings.token_url),
        transport=transport,
        profile=settings.profile,
        application=Application(client_id, settings.client_secret),
        refresh_token=settings.refresh_token,
        budget_store=stores.get(settings.budget_url),
    )
    return Access(grant, client_id, _account(settings.profile), transport, own)


def _account(profile: str) -> str:
    return "" if profile == "default" else profile
