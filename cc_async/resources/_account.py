"""`/account`: the account of a token, and the privileges of its user.

https://developer.constantcontact.com/api_guide/account_services_overview.html
"""

from __future__ import annotations

from functools import partial
from typing import TypedDict, Unpack

import attrs

from cc_async.auth import PRIVILEGES_PATH, claims_of
from cc_async.errors import InvalidRequestError
from cc_async.models import Account, UserPrivilege
from cc_async.session import Session
from cc_async.wire import JSON, Request, encode, read_items, read_reply

_PATH = "/account/summary"
_read_account = partial(read_reply, model=Account)
_read_privileges = partial(read_items, model=UserPrivilege)


class AccountChanges(TypedDict, total=False):
    """Arguments of `OwnAccount.update`; omitted ones stay as they are.

    *contact_email* must be a confirmed address of the account, *contact_phone* has at most 25
    characters, *country_code* and *state_code* have two letters, and *time_zone_id* is an IANA
    name.
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
    """The account of the token."""

    _session: Session

    async def get(self) -> Account:
        """Return the account's name, owner, address and settings.

        Raises:
            PermissionDeniedError: The scope `account_read` or the privilege is missing.
        """
        return await self._session.send(Request("GET", _PATH), _read_account)

    async def update(self, **changes: Unpack[AccountChanges]) -> Account:
        """Change some of the account's data, and return the stored account.

        Raises:
            TypeError: An argument is not a field of `AccountChanges`.
            InvalidRequestError: No argument, or the country `US` without a *state_code*.
            PermissionDeniedError: The scope `account_update` or the privilege is missing.

        Cancellation:
            The account may have been changed; a repeat does no harm.
        """
        unknown = changes.keys() - AccountChanges.__optional_keys__
        if unknown:
            raise TypeError(f"unexpected arguments: {', '.join(sorted(unknown))}")
        if not changes:
            raise InvalidRequestError("an update of the account needs at least one argument")
        if "country_code" in changes:
            changes["country_code"] = changes["country_code"].upper()
        if changes.get("country_code") == "US" and "state_code" not in changes:
            raise InvalidRequestError("the country US needs a state_code, such as MA")
        request = Request("PUT", _PATH, "", encode(changes), JSON)
        return await self._session.send(request, _read_account)

    async def privileges(self) -> tuple[UserPrivilege, ...]:
        """Return the privileges of the signed-in user. It needs no scope, so it also tests a token.

        https://developer.constantcontact.com/api_guide/user_privileges.html
        """
        return await self._session.send(Request("GET", PRIVILEGES_PATH), _read_privileges)

    async def scopes(self) -> tuple[str, ...] | None:
        """Return the scopes in the token, or `None` if the token is not readable.

        https://developer.constantcontact.com/api_guide/scopes.html
        """
        scopes = claims_of(await self._session.tokens.token()).get("scp")
        return tuple(map(str, scopes)) if isinstance(scopes, list) else None
