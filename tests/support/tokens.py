"""An authorization server with rotating refresh tokens, as a transport."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from urllib.parse import parse_qs

from cc_async.auth import Application, StoredGrant
from cc_async.auth._grant import new_grant
from cc_async.auth._token_store import change_grant, grant_key
from cc_async.stores import MemoryStore, Store
from cc_async.wire import Reply, Request
from tests.support.scripted import reply

CLIENT_ID = "client-1"

Fault = Callable[[Request], Reply | Exception]


class RotatingService:
    """Accepts each refresh token once. A used one is refused, and ends all later ones.

    *faults* replace the next answers: each is returned or raised;
    `None` lets an answer pass. With *acts* set the service acts before each fault.
    """

    def __init__(self, *, lifetime: float = 86_400.0, seconds: float = 0.0) -> None:
        self.lifetime = lifetime
        self.seconds = seconds
        self.valid: str | None = "refresh-0"
        self.issued = 0
        self.requests: list[dict[str, str]] = []
        self.headers: list[Mapping[str, str]] = []
        self.at: list[float] = []
        self.faults: list[Reply | Exception | None] = []
        self.acts = False
        self.keeps_refresh_token = False

    async def send(self, request: Request, headers: Mapping[str, str]) -> Reply:
        self.at.append(asyncio.get_running_loop().time())
        form = {
            name: values[0] for name, values in parse_qs((request.body or b"").decode()).items()
        }
        self.requests.append(form)
        self.headers.append(headers)
        fault = self.faults.pop(0) if self.faults else None
        if fault is None or self.acts:
            answer = self._answer(form)
            await asyncio.sleep(self.seconds)
        if fault is None:
            return answer
        if isinstance(fault, Exception):
            raise fault
        return fault

    async def aclose(self) -> None:
        pass

    def tokens(self, *, refresh_token: str | None = None, scope: str = "contact_data") -> Reply:
        """Return a reply with a fresh access token."""
        self.issued += 1
        body: dict[str, object] = {
            "token_type": "Bearer",
            "expires_in": self.lifetime,
            "access_token": f"access-{self.issued}",
            "scope": scope,
        }
        if refresh_token is not None:
            body["refresh_token"] = refresh_token
        return reply(200, body)

    def _answer(self, form: Mapping[str, str]) -> Reply:
        if form["refresh_token"] != self.valid:
            self.valid = None
            return reply(400, {"error": "invalid_grant", "error_description": "No longer valid."})
        if not self.keeps_refresh_token:
            self.valid = f"refresh-{self.issued + 1}"
        return self.tokens(refresh_token=self.valid)


async def signed_in(
    service: RotatingService,
    store: Store,
    *,
    profile: str = "default",
    sign_in: str = "sign-in-1",
) -> None:
    """Put a grant into *store*, as signing in does."""
    first = service.tokens(refresh_token=service.valid, scope="contact_data offline_access")
    await change_grant(
        store,
        grant_key(profile),
        lambda grant, now: (new_grant(sign_in, CLIENT_ID, now, first), None),
    )


def make_grant(service: RotatingService, store: Store, **settings: object) -> StoredGrant:
    """Return a token source on *store*, as one process of several would have it."""
    return StoredGrant(store, **{"transport": service, "budget_store": store, **settings})  # type: ignore[arg-type]


async def signed_in_grant(
    *, lifetime: float = 86_400.0, **settings: object
) -> tuple[RotatingService, StoredGrant, MemoryStore]:
    """Return a service, a stored grant on it, and its store."""
    service, store = RotatingService(lifetime=lifetime), MemoryStore()
    await signed_in(service, store)
    return service, make_grant(service, store, **settings), store


APPLICATION_WITH_SECRET = Application(CLIENT_ID, "client-secret-1")


class EndlessTokens:
    """A source with a new token a second after the last was rejected, as if other processes used it up."""

    def __init__(self) -> None:
        self.number = 0

    async def token(self, *, rejected: str | None = None) -> str:
        if rejected == f"token-{self.number}":
            await asyncio.sleep(1.0)
            self.number += 1
        return f"token-{self.number}"
