"""A grant that renews itself: the waiting around the steps of `_grant`."""

from __future__ import annotations

import asyncio
import copy
import hashlib
import logging
import secrets
from typing import TypeVar

import anyio
import attrs

from cc_async.auth import _grant
from cc_async.auth._auth_server import Application
from cc_async.auth._grant import Action, Grant
from cc_async.auth._grant_errors import gave_up, must_sign_in, not_signed_in, wrong_application
from cc_async.auth._grant_status import GrantStatus
from cc_async.auth._renewal import Renewal
from cc_async.auth._token_store import Step, TokenStore, change_grant, grant_key
from cc_async.errors import AuthError, ConstantContactError, StoreError
from cc_async.stores import MemoryStore, Store
from cc_async.transport import Transport
from cc_async.wire import Secret

T = TypeVar("T")

_log = logging.getLogger("cc_async")

_READ_AGAIN = 1.0
_STORE_REST = 5.0


@attrs.frozen
class _Kept:
    """A token at hand; times are the event loop's."""

    token: Secret
    look_at: float
    ends_at: float


class StoredGrant:
    """A token source that renews its access token from what is stored.

    It is renewed a little before it ends, or once the service refuses it, and once for
    everybody: all tasks, processes and machines on the same records share the new token. While
    a renewal is under way or fails, a token that is still good goes on serving.

    ::

        tokens = StoredGrant(store, transport=AiohttpTransport(AUTH_URL), profile="acme")
        async with ConstantContact(tokens) as cc:
            ...

    Args:
        records: Where the grant lives: a store, or what `open_token_store` returns.
        transport: The way to the authorization server.
        profile: Which of the grants there: one for each account.
        application: Needed where it has a secret, and with *refresh_token*.
        refresh_token: The first one, where nobody signed in through this package. From then on
            what is stored counts, for all who start from the same one.
        budget_store: Where turns to the authorization server are shared; by default they are
            this object's own.
        lease: Seconds after which others take up a renewal that nobody finished. Longer than
            *timeout*.
        timeout: Seconds for one answer of the authorization server.
        patience: Seconds to go on trying before giving up.

    Raises:
        AuthError: A refresh token without its application.
    """

    def __init__(
        self,
        records: TokenStore,
        *,
        transport: Transport,
        profile: str = "default",
        application: Application | None = None,
        refresh_token: str | None = None,
        budget_store: Store | None = None,
        lease: float = 30.0,
        timeout: float = 20.0,
        patience: float = 90.0,
    ) -> None:
        if refresh_token and application is None:
            raise AuthError(
                "A refresh token is of no use without the application it belongs to.",
                "Set CC_ASYNC_CLIENT_ID as well.",
            )
        self._records = records
        self._profile = profile
        self._application = application
        self._seed = Secret(refresh_token) if refresh_token else None
        self._key = _seed_key(refresh_token) if refresh_token else grant_key(profile)
        self._lease, self._patience = lease, patience
        self._renewal = Renewal(
            self._change,
            transport,
            application,
            budget_store or MemoryStore(),
            lease=lease,
            timeout=timeout,
        )
        self._lock = asyncio.Lock()
        self._kept: _Kept | None = None
        self._failures = 0
        self._failure: ConstantContactError | None = None

    def __repr__(self) -> str:
        return f"StoredGrant({self._records!r}, profile={self._profile!r})"

    async def token(self, *, rejected: str | None = None) -> str:
        """Return an access token, renewed first where it is due, or was *rejected*.

        Raises:
            AuthError: A person has to sign in again, or the application is not accepted.
            TransportError: The authorization server was out of reach, time and again.
            ConstantContactError: It failed to give a token, time and again.
            StoreError: The store is out of reach.

        Cancellation:
            A renewal whose request has left is brought to its end first, which takes seconds at
            most: its answer may be the only one there will ever be.
        """
        if (token := self._at_hand(rejected, is_waiting=self._lock.locked())) is not None:
            return token
        failures = self._failures
        async with self._lock:
            if (token := self._at_hand(rejected, is_waiting=False)) is not None:
                return token
            if self._failures > failures and self._failure is not None:
                raise copy.copy(self._failure)  # one failure for all who waited together
            try:
                return await self._find(rejected)
            except ConstantContactError as error:
                if isinstance(error, StoreError) and (token := self._still_good(rejected)):
                    _log.warning(
                        "the sign-in cannot be looked at, so its token serves on: %s", error
                    )
                    return token
                self._failures, self._failure = self._failures + 1, error
                raise

    async def renew(self) -> None:
        """Renew now, due or not: an unused grant ends after 180 days.

        Raises and cancellation as for `token`.
        """
        grant = await self._read()
        await self.token(rejected=grant.access_token or None)

    async def status(self) -> GrantStatus:
        """Return what can be told about the grant.

        Raises:
            AuthError: Nobody has signed in.
        """
        return GrantStatus.of(await self._read(), self._profile)

    async def forget(self) -> bool:
        """Delete the grant here and return whether there was one; the service keeps no list."""
        self._kept = None
        return await self._change(lambda grant, now: (None, grant is not None))

    @property
    def client_id(self) -> str | None:
        """The application, where it was named."""
        return None if self._application is None else self._application.client_id

    @property
    def profile(self) -> str:
        """Which grant this is."""
        return self._profile

    # --- finding a token ------------------------------------------------------------------

    def _at_hand(self, rejected: str | None, *, is_waiting: bool) -> Secret | None:
        kept = self._kept
        if kept is None or kept.token == rejected:
            self._kept = None
            return None
        now = asyncio.get_running_loop().time()
        return kept.token if now < (kept.ends_at if is_waiting else kept.look_at) else None

    def _still_good(self, rejected: str | None) -> Secret | None:
        """Return a token that is due but has not ended, and leave the store alone for a while."""
        token = self._at_hand(rejected, is_waiting=True)
        if token is not None and self._kept is not None:
            look_at = asyncio.get_running_loop().time() + _STORE_REST
            self._kept = attrs.evolve(self._kept, look_at=min(look_at, self._kept.ends_at))
        return token

    async def _find(self, rejected: str | None) -> Secret:
        started = anyio.current_time()
        failures: int | None = None
        while True:
            holder = secrets.token_hex(8)
            grant, action, now = await self._next_action(holder, rejected)
            failures = grant.failures if failures is None else min(failures, grant.failures)
            match action:
                case Action.USE:
                    return self._keep(grant, now)
                case Action.RENEW:
                    if grant.access_token != rejected and now < grant.expires_at:
                        self._keep(grant, now)  # for the others, meanwhile
                    await self._renewal.carry_out(holder, grant)
                case Action.SIGN_IN:
                    if now - grant.refused_at > _READ_AGAIN:  # else somebody may be just saving
                        raise must_sign_in(grant, self._profile, is_seeded=self._seed is not None)
                    await anyio.sleep(_READ_AGAIN)
                case Action.WAIT:
                    wait = _grant.recheck_delay(grant, now)
                    waited = anyio.current_time() - started + wait
                    if _grant.should_give_up(grant, failures) or waited > self._patience:
                        raise gave_up(grant)
                    await anyio.sleep(wait)

    async def _next_action(self, holder: str, rejected: str | None) -> tuple[Grant, Action, float]:
        ours = self._application and self._application.client_id

        def step(
            grant: Grant | None, now: float
        ) -> tuple[Grant, tuple[Grant, Action | None, float]]:
            grant = self._present(grant, now)
            if ours is not None and ours != grant.client_id:
                return grant, (grant, None, now)
            grant, action = _grant.next_action(
                grant, now, holder=holder, rejected=rejected, lease=self._lease
            )
            return grant, (grant, action, now)

        await self._renewal.save()
        grant, action, now = await self._change(step)
        if action is None:
            raise wrong_application(self._profile)
        return grant, action, now

    def _keep(self, grant: Grant, now: float) -> Secret:
        loop_now = asyncio.get_running_loop().time()
        look_in = grant.expires_at - _grant.margin(grant.lifetime) - now
        if look_in <= 0:  # due, but somebody is at it, or it has just failed
            look_in = _grant.recheck_delay(grant, now)
        self._kept = _Kept(
            grant.access_token, loop_now + look_in, loop_now + grant.expires_at - now
        )
        return grant.access_token

    # --- the record -----------------------------------------------------------------------

    async def _change(self, step: Step[T]) -> T:
        return await change_grant(self._records, self._key, step)

    async def _read(self) -> Grant:
        def step(grant: Grant | None, now: float) -> tuple[Grant, Grant]:
            grant = _grant.absorb_reply(self._present(grant, now), now)
            return grant, grant

        return await self._change(step)

    def _present(self, grant: Grant | None, now: float) -> Grant:
        if grant is not None:
            return grant
        if self._seed is None or self._application is None:
            raise not_signed_in(self._profile)
        return _grant.seed(self._application.client_id, self._seed, now)


def _seed_key(refresh_token: str) -> str:
    return grant_key("seed-" + hashlib.sha256(refresh_token.encode()).hexdigest()[:16])
