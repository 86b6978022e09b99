"""`/account`: the account behind a token, and what its user may do."""

from __future__ import annotations

from functools import partial
from typing import TypedDict, Unpack

import attrs

from cc_async.auth import PRIVILEGES_PATH, claims_of
from cc_async.errors import InvalidRequestError
from cc_async.models import Account, UserPrivilege
from cc_async.session import Session
from cc_async.wire import CONVERTER, JSON, Reply, Request, encode, read_json, read_reply

_PATH = "/account/summary"
_read_account = partial(read_reply, model=Account)


class AccountChanges(TypedDict, total=False):
    """Arguments of `OwnAccount.update`; what is left out stays as it is.

    *contact_email* must be confirmed for the account; *contact_phone* has at most 25 characters.
    *country_code* and *state_code* have two letters; *time_zone_id* is an IANA name.
    """

    contact_email: str
    contact_phone: str
    organization_name: str
    organization_phone: str
    first_name: str
    last_name: str
    country_code: str
    state_code: str
    time_zone_id: str
    website: str


@attrs.frozen(eq=False, repr=False)
class OwnAccount:
    """The account that the token belongs to."""

    _session: Session

    async def get(self) -> Account:
        """Return the account's own data.

        Raises:
            PermissionDeniedError: The scope `account_read` or the privilege is missing.
        """
        return await self._session.send(Request("GET", _PATH), _read_account)

    async def update(self, **changes: Unpack[AccountChanges]) -> Account:
        """Change some of the account's own data, and return what the service says.

        Raises:
            TypeError: Something to change that an account does not have.
            InvalidRequestError: Nothing to change, or the country `US` without a *state_code*.
            PermissionDeniedError: The scope `account_update` or the privilege is missing.

        Cancellation:
            Whether the account was changed is not known; doing it again does no harm.
        """
        unknown = changes.keys() - AccountChanges.__optional_keys__
        if unknown:
            raise TypeError(f"an account cannot be changed in {', '.join(sorted(unknown))}")
        if not changes:
            raise InvalidRequestError("nothing of the account is to be changed")
        if "country_code" in changes:
            changes["country_code"] = changes["country_code"].upper()
        if changes.get("country_code") == "US" and "state_code" not in changes:
            raise InvalidRequestError("the country US needs a state_code, such as MA")
        request = Request("PUT", _PATH, "", encode(changes), JSON)
        return await self._session.send(request, _read_account)

    async def privileges(self) -> tuple[UserPrivilege, ...]:
        """Return what the signed-in user may do; needs no scope, so it is a cheap test of a token."""
        return await self._session.send(Request("GET", PRIVILEGES_PATH), _read_privileges)

    async def scopes(self) -> tuple[str, ...] | None:
        """Return what the token may be used for, or `None` where it does not tell."""
        scopes = claims_of(await self._session.tokens.token()).get("scp")
        return tuple(map(str, scopes)) if isinstance(scopes, list) else None


def _read_privileges(reply: Reply) -> tuple[UserPrivilege, ...]:
    return tuple(CONVERTER.structure(item, UserPrivilege) for item in read_json(reply))
