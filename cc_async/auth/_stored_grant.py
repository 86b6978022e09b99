"""A grant that renews itself: the waiting around the pure steps of a renewal."""

from __future__ import annotations

import asyncio
import copy
import hashlib
import logging
import secrets
from typing import TypeVar

import anyio
import attrs

from cc_async.auth import _renewal_steps as steps
from cc_async.auth._auth_server import Application
from cc_async.auth._grant import Grant, seeded_grant
from cc_async.auth._grant_errors import (
    gave_up,
    must_sign_in,
    not_renewable,
    not_signed_in,
    same_token,
    wrong_application,
)
from cc_async.auth._grant_status import GrantStatus
from cc_async.auth._renewal import Renewal
from cc_async.auth._renewal_steps import Action
from cc_async.auth._token_store import Step, TokenStore, change_grant, delete_grant, grant_key
from cc_async.errors import AuthError, ConstantContactError, StoreError
from cc_async.stores import MemoryStore, Store
from cc_async.transport import Transport
from cc_async.wire import Secret

T = TypeVar("T")

_log = logging.getLogger("cc_async")

_REFUSAL_RECHECK = 1.0
"""Seconds until a refused grant is read once more: another process may be storing new tokens."""

_STORE_RETRY = 5.0
"""Seconds until a failed store is asked again, while the token at hand still works."""


@attrs.frozen
class _CachedToken:
    """A token in memory; times are the event loop's."""

    token: Secret
    recheck_at: float
    ends_at: float


class StoredGrant:
    """A token source on a stored grant. It renews the access token by itself.

    The renewal comes a little before the token's end, or after a refusal. It happens once: all
    tasks, processes and machines on the same store share the new token. While a renewal is under
    way or fails, a token that still works stays in use.

    ::

        tokens = StoredGrant(store, transport=AiohttpTransport(AUTH_URL), profile="acme")
        async with ConstantContact(tokens) as cc:
            ...

    Args:
        token_store: The store of the grant, such as a result of `open_token_store`.
        transport: The transport to the authorization server.
        profile: The name of the grant: one for each account.
        application: The application; required if it has a secret, and with *refresh_token*.
        refresh_token: A first refresh token from outside, instead of a sign-in. Later the stored
            grant counts, for all processes that start from this refresh token.
        budget_store: The store that shares the server's limit; by default this object has its own.
        lease: Seconds until another process takes over an unfinished renewal; longer than
            *timeout*.
        timeout: Seconds for one answer of the authorization server.
        patience: Seconds of attempts before an error.

    Raises:
        AuthError: A refresh token without its application.
    """

    def __init__(
        self,
        token_store: TokenStore,
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
        self._token_store = token_store
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
        self._cached: _CachedToken | None = None
        self._failures = 0
        self._failure: ConstantContactError | None = None

    def __repr__(self) -> str:
        return f"StoredGrant({self._token_store!r}, profile={self._profile!r})"

    async def token(self, *, rejected: str | None = None) -> str:
        """Return an access token; a token that is due or was *rejected* is renewed first.

        Raises:
            AuthError: A new sign-in is needed, or the application is not accepted.
            TransportError: The authorization server stayed out of reach.
            ConstantContactError: The authorization server kept failing.
            StoreError: The store is out of reach.

        Cancellation:
            A renewal runs to its end once its request has left, for up to *timeout*: a second
            request with the same refresh token would be refused.
        """
        if (token := self._usable(rejected, is_waiting=self._lock.locked())) is not None:
            return token
        failures = self._failures
        async with self._lock:
            if (token := self._usable(rejected, is_waiting=False)) is not None:
                return token
            if self._failures > failures and self._failure is not None:
                raise copy.copy(self._failure)  # one failure for all tasks that waited together
            try:
                return await self._find(rejected)
            except ConstantContactError as error:
                if isinstance(error, StoreError) and (
                    token := self._usable_without_store(rejected)
                ):
                    _log.warning("the sign-in cannot be read, so its token stays in use: %s", error)
                    return token
                self._failures, self._failure = self._failures + 1, error
                raise

    async def renew(self) -> None:
        """Renew now, due or not: an unused grant ends after 180 days.

        Raises and cancellation as for `token`; a grant without a refresh token is an `AuthError`.
        """
        grant = await self._read()
        if not grant.refresh_token:
            raise not_renewable(grant, self._profile)
        try:
            await self.token(rejected=grant.access_token or None)
        except AuthError:
            if (await self._read()).renewals == grant.renewals:
                raise  # otherwise it was renewed; that the token stayed the same is no fault here

    async def status(self) -> GrantStatus:
        """Return the status of the grant.

        Raises:
            AuthError: There is no sign-in.
        """
        return GrantStatus.of(await self._read(), self._profile)

    async def account_id(self, token: str) -> str:
        """Return the account's id that was kept with the sign-in of *token*, or an empty text."""
        grant = await self._read()
        return grant.account_id if grant.access_token == token else ""

    async def keep_account_id(self, token: str, account_id: str) -> None:
        """Keep the account's id with the sign-in of *token*, unless there is a newer token."""

        def step(grant: Grant | None, now: float) -> tuple[Grant | None, None]:
            if grant is not None and grant.access_token == token:
                grant = attrs.evolve(grant, account_id=account_id)
            return grant, None

        await self._change(step)

    async def forget(self) -> bool:
        """Delete the stored grant and return whether there was one; the service need not know."""
        self._cached = None
        return await delete_grant(self._token_store, self._key)

    @property
    def client_id(self) -> str | None:
        """The client id of the application, if it is known."""
        return None if self._application is None else self._application.client_id

    @property
    def profile(self) -> str:
        """The name of the grant."""
        return self._profile

    # --- finding a token ------------------------------------------------------------------

    def _usable(self, rejected: str | None, *, is_waiting: bool) -> Secret | None:
        cached = self._cached
        if cached is None or cached.token == rejected:
            self._cached = None
            return None
        usable_until = cached.ends_at if is_waiting else cached.recheck_at
        return cached.token if asyncio.get_running_loop().time() < usable_until else None

    def _usable_without_store(self, rejected: str | None) -> Secret | None:
        """Return a token that still works, and let the store recover for a while."""
        token = self._usable(rejected, is_waiting=True)
        if token is not None and self._cached is not None:
            recheck_at = asyncio.get_running_loop().time() + _STORE_RETRY
            self._cached = attrs.evolve(
                self._cached, recheck_at=min(recheck_at, self._cached.ends_at)
            )
        return token

    async def _find(self, rejected: str | None) -> Secret:
        started = anyio.current_time()
        failures: int | None = None
        renewals: int | None = None
        while True:
            holder = secrets.token_hex(8)
            grant, action, now = await self._next_action(holder, rejected)
            failures = grant.failures if failures is None else min(failures, grant.failures)
            renewals = grant.renewals if renewals is None else renewals
            if steps.is_same_token(grant, rejected, renewals):
                await self._release_lease(holder)
                raise same_token()
            match action:
                case Action.USE:
                    return self._cache(grant, now)
                case Action.RENEW:
                    if grant.access_token != rejected and now < grant.expires_at:
                        self._cache(grant, now)  # for the other tasks, meanwhile
                    await self._renewal.carry_out(holder, grant)
                case Action.SIGN_IN:
                    if now - grant.refused_at > _REFUSAL_RECHECK:
                        raise must_sign_in(grant, self._profile, is_seeded=self._seed is not None)
                    await anyio.sleep(_REFUSAL_RECHECK)
                case Action.WAIT:
                    wait = steps.recheck_delay(grant, now)
                    waited = anyio.current_time() - started + wait
                    if steps.should_give_up(grant, failures) or waited > self._patience:
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
            grant, action = steps.next_action(
                grant, now, holder=holder, rejected=rejected, lease=self._lease
            )
            return grant, (grant, action, now)

        await self._renewal.save()
        grant, action, now = await self._change(step)
        if action is None:
            raise wrong_application(self._profile)
        return grant, action, now

    def _cache(self, grant: Grant, now: float) -> Secret:
        loop_now = asyncio.get_running_loop().time()
        recheck_in = grant.expires_at - steps.margin(grant.lifetime) - now
        if recheck_in <= 0:  # due, but a renewal is under way or has just failed
            recheck_in = steps.recheck_delay(grant, now)
        self._cached = _CachedToken(
            grant.access_token, loop_now + recheck_in, loop_now + grant.expires_at - now
        )
        return grant.access_token

    # --- the record -----------------------------------------------------------------------

    async def _change(self, step: Step[T]) -> T:
        return await change_grant(self._token_store, self._key, step)

    async def _release_lease(self, holder: str) -> None:
        await self._change(lambda grant, now: (steps.release_lease(grant, holder=holder), None))

    async def _read(self) -> Grant:
        def step(grant: Grant | None, now: float) -> tuple[Grant, Grant]:
            grant = steps.absorb_reply(self._present(grant, now), now)
            return grant, grant

        return await self._change(step)

    def _present(self, grant: Grant | None, now: float) -> Grant:
        if grant is not None:
            return grant
        if self._seed is None or self._application is None:
            raise not_signed_in(self._profile)
        return seeded_grant(self._application.client_id, self._seed, now)


def _seed_key(refresh_token: str) -> str:
    return grant_key("seed-" + hashlib.sha256(refresh_token.encode()).hexdigest()[:16])
