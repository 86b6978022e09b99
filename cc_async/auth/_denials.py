"""Reasons of a 403: a missing scope, a missing privilege, or the application itself.

The service has one status for all three. So the rights of the request are compared with the scopes
of the token and the privileges of the user.
https://developer.constantcontact.com/api_guide/scopes.html
https://developer.constantcontact.com/api_guide/user_privileges.html
"""

from __future__ import annotations

from collections.abc import Collection

import attrs

PRIVILEGES_PATH = "/account/user/privileges"

_CONTACTS = ("contacts:read", "contacts:write")
_LISTS = ("contacts:lists:read", "contacts:lists:write")
_ACTIVITIES = (
    "contacts:write",
    "contacts:write",
)  # to read an activity takes the right to write, too
_ACCOUNT = ("account:read", "account:update")

_PRIVILEGES = {
    "contact_lists": _LISTS,
    "activities": _ACTIVITIES,
    "contact_exports": _ACTIVITIES,
    "account": _ACCOUNT,
}


@attrs.frozen
class RequiredRights:
    """The *scope* of the token and the *privilege* of its user that a request takes."""

    scope: str
    privilege: str


def required_rights(method: str, path: str) -> RequiredRights:
    """Return the rights for `method path`."""
    is_writing = method not in ("GET", "HEAD")
    place = path.lstrip("/").partition("/")[0]
    scope = "contact_data"
    if place == "account":
        scope = "account_update" if is_writing else "account_read"
    return RequiredRights(scope, _PRIVILEGES.get(place, _CONTACTS)[is_writing])


def explain_denial(
    need: RequiredRights, scopes: Collection[str] | None, privileges: Collection[str] | None
) -> str:
    """Return the reason of a denied request, and the remedy.

    Args:
        need: The rights that the request takes.
        scopes: The scopes of the token, or `None` if the token does not tell.
        privileges: The privileges of the user, or `None` if the service denies that question, too.
    """
    if scopes is not None and need.scope not in scopes:
        return (
            f"The access token lacks the scope {need.scope}: "
            "sign in again with `cc-async login`, and allow it."
        )
    if privileges is None:
        return (
            "The application may not even ask for the user's privileges; most likely it is "
            "switched off. Look at it in the developer portal."
        )
    if need.privilege not in privileges:
        return (
            f"The signed-in user lacks the privilege {need.privilege}: "
            "an owner or manager of the account can give it."
        )
    return (
        f"The user has the privilege {need.privilege} that this takes. The token may lack the "
        f"scope {need.scope}, or the application may be switched off."
        if scopes is None
        else f"Neither the scope {need.scope} nor the privilege {need.privilege} is missing; the "
        "application may be switched off."
    )
