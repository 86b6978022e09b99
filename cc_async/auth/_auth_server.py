"""The authorization server, for one application.

https://developer.constantcontact.com/api_guide/auth_overview.html
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeAlias

import attrs

from cc_async.errors import AuthError
from cc_async.limits import Budget, Lane, PermitResult
from cc_async.transport import Transport
from cc_async.wire import RefusalKind, Reply, Request, Secret, TokenRefusal, basic

AUTH_URL = "https://authz.constantcontact.com/oauth2/default/v1"

Send: TypeAlias = Callable[[Request], Awaitable[Reply]]


def _secret(value: str | None) -> Secret | None:
    return Secret(value) if value else None


@attrs.frozen
class Application:
    """An application of the developer portal: its API key, and its secret if it has one.

    Programs on a user's own machine have no secret; they use PKCE or the device flow.
    https://developer.constantcontact.com/api_guide/getting_started.html
    """

    client_id: str
    client_secret: Secret | None = attrs.field(default=None, converter=_secret)

    @property
    def form_id(self) -> str | None:
        """The id for a form, or `None`: an application with a secret sends both in a header."""
        return None if self.client_secret else self.client_id


@attrs.frozen(eq=False, repr=False)
class AuthServer:
    """Sends OAuth requests, one a second for all processes of the application."""

    application: Application
    transport: Transport
    budget: Budget

    async def send(self, request: Request) -> Reply:
        """Wait for a turn and return the answer to *request*, good or bad."""
        async with self.permit() as send:
            return await send(request)

    @asynccontextmanager
    async def permit(self) -> AsyncIterator[Send]:
        """Wait for a permit, then yield a function that sends one request."""
        permit = await self.budget.acquire(Lane.TOKEN)
        result: PermitResult = "lost"

        async def send(request: Request) -> Reply:
            nonlocal result
            reply = await self.transport.send(request, self._headers())
            result = "throttled" if reply.status == 429 else "answered"
            return reply

        try:
            yield send
        finally:
            await self.budget.release(permit, result)

    def _headers(self) -> dict[str, str]:
        secret = self.application.client_secret
        if secret is None:
            return {}
        return {"Authorization": basic(self.application.client_id, secret)}


def refused(refusal: TokenRefusal) -> AuthError:
    """Return the error for a *refusal* that no wait cures."""
    reason = refusal.text or "no reason given"
    if refusal.kind is RefusalKind.DENIED:
        return AuthError("The sign-in was declined.", "Sign in again, and say yes this time.")
    if refusal.kind is RefusalKind.EXPIRED:
        return AuthError("The sign-in ran out of time.", "Sign in again.")
    if refusal.kind is RefusalKind.REVOKED:
        return AuthError(f"The sign-in was not accepted ({reason}).", "Sign in again.")
    return rejected_application(reason)


def rejected_application(reason: str) -> AuthError:
    """Return the error for an application that the server rejects."""
    return AuthError(
        f"Constant Contact does not accept the application ({reason}).",
        "Check CC_ASYNC_CLIENT_ID and CC_ASYNC_CLIENT_SECRET, and the application's settings in "
        "the developer portal.",
    )
