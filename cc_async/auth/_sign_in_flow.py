"""Sign-in for one application, with a browser or on another device.

https://developer.constantcontact.com/api_guide/auth_overview.html
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

import anyio

from cc_async.auth._auth_server import AUTH_URL, Application, AuthServer, refused
from cc_async.auth._authorization_code import (
    PendingSignIn,
    begin_sign_in,
    exchange_code,
    read_callback,
)
from cc_async.auth._device import ask_on_device
from cc_async.auth._grant import new_grant
from cc_async.auth._grant_status import GrantStatus
from cc_async.auth._renewal_steps import absorb_reply
from cc_async.auth._token_store import TokenStore, grant_key, replace_grant
from cc_async.limits import Budget
from cc_async.stores import MemoryStore, Store
from cc_async.transport import Transport
from cc_async.wire import DeviceCode, RefusalKind, Reply, TokenRefusal

SCOPES = ("contact_data", "account_read", "offline_access")
"""Contacts, the account's data, and a refresh token.

https://developer.constantcontact.com/api_guide/scopes.html
"""

REDIRECT_URI = "http://localhost:8754/callback"
"""The address of this machine to register for the application; any free port would do."""


class SignInFlow:
    """Signs users in to an application, and stores their grants.

    A web application redirects a user to `begin(...).url`, and hands over the address that the
    user comes back to::

        flow = SignInFlow(Application("CLIENT-ID", "CLIENT-SECRET"), store, transport=transport)
        pending = flow.begin("https://app.example.com/callback")
        ...  # keep pending.to_dict() in the session, redirect to pending.url, and later:
        await flow.finish(pending, "https://app.example.com/callback?code=…", profile="acme")

    Programs on a user's own machine call `with_browser` or `with_device`.

    Args:
        application: The application, with its secret if it has one.
        token_store: The store of the grants.
        transport: The transport to the authorization server.
        auth_url: The address of that server, for a browser.
        budget_store: The store that shares the server's limit; by default this object has its own.
    """

    def __init__(
        self,
        application: Application,
        token_store: TokenStore,
        *,
        transport: Transport,
        auth_url: str = AUTH_URL,
        budget_store: Store | None = None,
    ) -> None:
        budget = Budget(budget_store or MemoryStore(), key=application.client_id)
        self._server = AuthServer(application, transport, budget)
        self._token_store = token_store
        self._auth_url = auth_url

    def begin(
        self, redirect_uri: str, *, scopes: tuple[str, ...] = SCOPES, fresh: bool = False
    ) -> PendingSignIn:
        """Return a new sign-in, with the address of its consent page.

        Args:
            redirect_uri: The address to come back to, exactly as registered for the application.
            scopes: The scopes to ask for; without `offline_access` the grant ends within a day.
            fresh: Ask for the password even if the user is signed in already.
        """
        return begin_sign_in(self._server, self._auth_url, redirect_uri, scopes, fresh=fresh)

    async def finish(
        self, pending: PendingSignIn, callback: str, *, profile: str = "default"
    ) -> GrantStatus:
        """Exchange the user's callback for tokens and store the grant as *profile*.

        Args:
            pending: The result of `begin` for this user.
            callback: The whole address that the user came back to, or its query.
            profile: The name of the grant. It replaces an older grant of this name.

        Raises:
            AuthError: The user declined, or the callback belongs to another sign-in.
            TransportError: The authorization server is out of reach.
        """
        code = read_callback(pending, callback)
        return await self._keep(profile, await exchange_code(self._server, pending, code))

    async def with_browser(
        self,
        open_page: Callable[[str], object],
        *,
        profile: str = "default",
        scopes: tuple[str, ...] = SCOPES,
        redirect_uri: str = REDIRECT_URI,
        timeout: float = 300.0,
    ) -> GrantStatus:
        """Sign a user in with a browser on this machine.

        Args:
            open_page: Receives the address to open.
            profile: As for `finish`.
            scopes: As for `begin`.
            redirect_uri: An address of this machine, registered for the application.
            timeout: Seconds to wait for the user.

        Raises:
            AuthError: The user declined, or did not come back in time.
            InvalidRequestError: The address is not this machine's, or its port is in use.
        """
        from cc_async.auth._loopback import open_loopback  # a web server, for this alone

        pending = self.begin(redirect_uri, scopes=scopes)
        async with open_loopback(pending) as loopback:
            open_page(loopback.start_url)
            try:
                with anyio.fail_after(timeout):
                    callback = await loopback.answer
            except TimeoutError:
                raise refused(TokenRefusal(RefusalKind.EXPIRED)) from None
        return await self.finish(pending, callback, profile=profile)

    async def with_device(
        self,
        show: Callable[[DeviceCode], None],
        *,
        profile: str = "default",
        scopes: tuple[str, ...] = SCOPES,
    ) -> GrantStatus:
        """Sign a user in on any device. The developer portal has to allow this for the application.

        Args:
            show: Receives the address and the code to show.
            profile: As for `finish`.
            scopes: As for `begin`.

        Raises:
            AuthError: The user declined, or did not answer in time.
        """
        return await self._keep(profile, await ask_on_device(self._server, scopes, show))

    async def _keep(self, profile: str, reply: Reply) -> GrantStatus:
        sign_in, client_id = secrets.token_hex(8), self._server.application.client_id
        grant = await replace_grant(
            self._token_store,
            grant_key(profile),
            lambda now: absorb_reply(new_grant(sign_in, client_id, now, reply), now),
        )
        return GrantStatus.of(grant, profile)
