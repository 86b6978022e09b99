"""A sandbox for sign-ins, and the requests that it received."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import aiohttp
import attrs

from cc_async.auth import Application, SignInFlow, TokenStore
from cc_async.sandbox import ReceivedRequest, Sandbox, SandboxSettings
from cc_async.transport import AiohttpTransport

CALLBACK = "http://127.0.0.1:1/callback"
TOKEN_PATH = "/oauth2/default/v1/token"


@attrs.frozen
class Granted:
    """The sandbox and its two addresses."""

    sandbox: Sandbox
    url: str
    auth_url: str

    async def sign_in(self, token_store: TokenStore, *, profile: str = "default") -> None:
        """Sign in as a user with a browser does; the sandbox consents by itself."""
        transport = AiohttpTransport(self.auth_url)
        flow = SignInFlow(
            Application(self.sandbox.settings.client_id),
            token_store,
            transport=transport,
            auth_url=self.auth_url,
        )
        pending = flow.begin(CALLBACK)
        async with (
            aiohttp.ClientSession() as browser,
            browser.get(pending.url, allow_redirects=False) as reply,
        ):
            callback = reply.headers["Location"]
        await flow.finish(pending, callback, profile=profile)
        await transport.aclose()

    def renewals(self) -> list[int]:
        """Return the status of the answer to each renewal that has arrived, in order."""
        return [entry.status for entry in self._renewals()]

    def answers(self) -> list[float]:
        """Return when each renewal was answered, in seconds since the epoch."""
        return [entry.answered_at or 0.0 for entry in self._renewals()]

    def _renewals(self) -> list[ReceivedRequest]:
        return [
            entry
            for entry in self.sandbox.received
            if entry.path == TOKEN_PATH and b"grant_type=refresh_token" in entry.body
        ]

    def api_requests(self) -> int:
        """Return how many requests of the API have arrived."""
        return sum(entry.path.startswith("/v3/") for entry in self.sandbox.received)

    async def expire_often(self, every: int, seconds: float) -> int:
        """Expire the access token after each *every* requests; return the number of expiries.

        A token that is not renewed yet is not expired twice.
        """
        expired, seen = 0, self.api_requests()
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + seconds
        while loop.time() < ends_at:
            await asyncio.sleep(0.02)
            if len(self.renewals()) < expired:
                seen = self.api_requests()
            elif self.api_requests() - seen >= every:
                self.sandbox.state.grants.expire_all()
                expired, seen = expired + 1, self.api_requests()
        return expired


@contextlib.asynccontextmanager
async def granted(**settings: object) -> AsyncIterator[Granted]:
    """Serve a sandbox that consents to every sign-in."""
    sandbox = Sandbox(
        SandboxSettings(
            consent="allowed",
            per_second=1000,
            per_day=1_000_000,
            kept_requests=1_000_000,
            **settings,  # type: ignore[arg-type]
        )
    )
    async with sandbox.serve() as server:
        yield Granted(sandbox, server.url, server.authorization_url)
