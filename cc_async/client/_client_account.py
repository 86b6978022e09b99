"""The account of a client: its name, the user in its token, or its id at the service."""

from __future__ import annotations

import anyio
import attrs

from cc_async.auth import (
    StoredGrant,
    TokenSource,
    identity_of_account_id,
    identity_of_token,
)
from cc_async.errors import (
    ApiError,
    AuthenticationError,
    DailyQuotaError,
    OtherAccountError,
    TransportError,
    UnexpectedResponseError,
    UnknownAccountError,
)
from cc_async.limits import Lane
from cc_async.resources import OwnAccount
from cc_async.session import Session

_NOT_ASKED = (ApiError, DailyQuotaError, TransportError, UnexpectedResponseError)
"""Errors of the question for the account's id; the account's name would make it needless."""


@attrs.define(eq=False)
class _LatestToken:
    """A token source that remembers the token it gave last."""

    tokens: TokenSource
    latest: str = ""

    async def token(self, *, rejected: str | None = None) -> str:
        self.latest = await self.tokens.token(rejected=rejected)
        return self.latest


class ClientAccount:
    """Finds the identity of a client's account, and holds the client to it.

    Args:
        session: Asks the service for the account's id, if the token does not tell the account.
        name: The identity by the caller's name for the account, if there is one.
    """

    def __init__(self, session: Session, name: str | None) -> None:
        self._session = session
        self._name = name
        self._own: str | None = name
        self._latest = ("", "")
        self._lock = anyio.Lock()

    async def find(self) -> str:
        """Return the identity; it stays the same for the life of the client.

        Raises:
            UnknownAccountError: The token does not tell the account, and the service could not be
                asked.
            AuthError: There is no usable token.
            ClientStateError: The client is closed: no job is read or written any more.
        """
        self._session.check()
        if self._own is None:
            token = await self._session.tokens.token()
            self._own = await self._identity_of(token, self._session)
        return self._own

    async def check(self, token: str) -> None:
        """Refuse a *token* of another account than the one that was found.

        The service is asked with the patience of a job.

        Raises:
            OtherAccountError: It belongs to another account.
            UnknownAccountError: Its account is unknown.
        """
        if self._name is not None or self._own is None:
            return
        if await self._identity_of(token, self._session.on_lane(Lane.BULK)) != self._own:
            raise OtherAccountError(
                "the access token now belongs to another account than the jobs of this client",
                "Sign in to the account of the jobs again, or open a new client for the other one.",
            )

    async def _identity_of(self, token: str, session: Session) -> str:
        async with self._lock:
            if self._latest[0] != token:
                self._latest = (token, identity_of_token(token) or await self._ask(token, session))
            return self._latest[1]

    async def _ask(self, token: str, session: Session) -> str:
        """Return the identity by the account's id, kept with the sign-in or asked for.

        https://developer.constantcontact.com/api_guide/account_details_get.html
        """
        tokens = session.tokens
        if isinstance(tokens, StoredGrant) and (kept := await tokens.account_id(token)):
            return identity_of_account_id(kept)
        source = _LatestToken(tokens)
        try:
            account = await OwnAccount(attrs.evolve(session, tokens=source)).get()
        except AuthenticationError:
            raise
        except _NOT_ASKED as error:
            raise UnknownAccountError(
                f"the access token does not tell its account, and the service does not either: {error}"
            ) from error
        account_id = account.encoded_account_id
        if not account_id:
            raise UnknownAccountError("neither the access token nor the service tells the account")
        if isinstance(tokens, StoredGrant):
            await tokens.keep_account_id(source.latest, account_id)
        return identity_of_account_id(account_id)
