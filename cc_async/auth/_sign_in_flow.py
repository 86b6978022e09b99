"""Where people sign in for one application, by browser or on another device."""

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
from cc_async.auth._grant import Grant, absorb_reply, new_grant
from cc_async.auth._grant_status import GrantStatus
from cc_async.auth._token_store import TokenStore, change_grant, grant_key
from cc_async.limits import Budget
from cc_async.stores import MemoryStore, Store
from cc_async.transport import Transport
from cc_async.wire import DeviceCode, Refusal, RefusalKind, Reply

SCOPES = ("contact_data", "account_read", "offline_access")
REDIRECT_URI = "http://localhost:8754/callback"


class SignInFlow:
    """Signs people in for an application, and keeps what they grant.

    A web application sends a person to `begin(...).url`, and passes on the address they come
    back to::

        flow = SignInFlow(Application("CLIENT-ID", "CLIENT-SECRET"), store, transport=transport)
        pending = flow.begin("https://app.example.com/callback")
        ...  # keep pending.to_dict() in the session, redirect to pending.url, and later:
        await flow.finish(pending, "https://app.example.com/callback?code=…", profile="acme")

    Programs on a person's own machine use `with_browser` or `with_device`.

    Args:
        application: The application; with its secret if it has one.
        records: Where grants are kept.
        transport: The way to the authorization server.
        auth_url: The same server's address, as a browser sees it.
        budget_store: Where turns to that server are shared; by default they are this object's.
    """

    def __init__(
        self,
        application: Application,
        records: TokenStore,
        *,
        transport: Transport,
        auth_url: str = AUTH_URL,
        budget_store: Store | None = None,
    ) -> None:
        budget = Budget(budget_store or MemoryStore(), key=application.client_id)
        self._server = AuthServer(application, transport, budget)
        self._records = records
        self._auth_url = auth_url

    def begin(
        self, redirect_uri: str, *, scopes: tuple[str, ...] = SCOPES, fresh: bool = False
    ) -> PendingSignIn:
        """Return where to send a person.

        Args:
            redirect_uri: Where they come back to; registered for the application, letter by
                letter.
            scopes: What to ask for; without `offline_access` it ends with the day.
            fresh: Ask for the password even where somebody is signed in.
        """
        return begin_sign_in(self._server, self._auth_url, redirect_uri, scopes, fresh=fresh)

    async def finish(
        self, pending: PendingSignIn, callback: str, *, profile: str = "default"
    ) -> GrantStatus:
        """Take what a person brought back and keep their grant as *profile*.

        Args:
            pending: What `begin` returned for this person.
            callback: The whole address they came back to, or its query.
            profile: The name to keep the grant under; one that is there is replaced.

        Raises:
            AuthError: They said no, or it is another sign-in's answer.
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
        """Sign a person in with a browser on this machine.

        Args:
            open_page: Called with the address to open.
            profile: As for `finish`.
            scopes: As for `begin`.
            redirect_uri: An address of this machine, registered for the application.
            timeout: Seconds to wait for the person.

        Raises:
            AuthError: They said no, or did not come back in time.
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
                raise refused(Refusal(RefusalKind.EXPIRED)) from None
        return await self.finish(pending, callback, profile=profile)

    async def with_device(
        self,
        show: Callable[[DeviceCode], None],
        *,
        profile: str = "default",
        scopes: tuple[str, ...] = SCOPES,
    ) -> GrantStatus:
        """Sign a person in on whatever device they like; the portal has to allow it.

        Args:
            show: Called with the address and the code to show.
            profile: As for `finish`.
            scopes: As for `begin`.

        Raises:
            AuthError: They said no, or nobody said yes in time.
        """
        return await self._keep(profile, await ask_on_device(self._server, scopes, show))

    async def _keep(self, profile: str, reply: Reply) -> GrantStatus:
        client_id = self._server.application.client_id

        def step(old: Grant | None, now: float) -> tuple[Grant, Grant]:
            grant = absorb_reply(new_grant(secrets.token_hex(8), client_id, now, reply), now)
            return grant, grant

        grant = await change_grant(self._records, grant_key(profile), step)
        return GrantStatus.of(grant, profile)
