"""`/account`: the account behind a token, and what its user may do."""

from __future__ import annotations

from functools import partial

import attrs

from cc_async.auth import PRIVILEGES_PATH, claims_of
from cc_async.models import Account, UserPrivilege
from cc_async.session import Session
from cc_async.wire import CONVERTER, Reply, Request, read_json, read_reply

__all__ = ["OwnAccount"]


@attrs.frozen
class OwnAccount:
    """The account that the token belongs to."""

    _session: Session

    async def get(self) -> Account:
        """Return the account's own data.

        Raises:
            PermissionDeniedError: The scope `account_read` or the privilege is missing.
        """
        request = Request("GET", "/account/summary")
        return await self._session.send(request, partial(read_reply, model=Account))

    async def privileges(self) -> tuple[UserPrivilege, ...]:
        """Return what the signed-in user may do; needs no scope, so it is a cheap test of a token."""
        return await self._session.send(Request("GET", PRIVILEGES_PATH), _read_privileges)

    async def scopes(self) -> tuple[str, ...] | None:
        """Return what the token may be used for, or `None` where it does not tell."""
        scopes = claims_of(await self._session.tokens.token()).get("scp")
        return tuple(map(str, scopes)) if isinstance(scopes, list) else None


def _read_privileges(reply: Reply) -> tuple[UserPrivilege, ...]:
    return tuple(CONVERTER.structure(item, UserPrivilege) for item in read_json(reply))
