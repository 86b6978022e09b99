"""Why the service said 403: a scope, a privilege, or the application itself.

One status stands for all three, so the need of the request is held against what the token and
the signed-in user have.
"""

from __future__ import annotations

from collections.abc import Collection

import attrs

PRIVILEGES_PATH = "/account/user/privileges"

_CONTACTS = ("contacts:read", "contacts:write")
_LISTS = ("contacts:lists:read", "contacts:lists:write")
_ACTIVITIES = ("contacts:write", "contacts:write")  # looking needs a right to write, too
_ACCOUNT = ("account:read", "account:update")

_PRIVILEGES = {
    "contact_lists": _LISTS,
    "activities": _ACTIVITIES,
    "contact_exports": _ACTIVITIES,
    "account": _ACCOUNT,
}


@attrs.frozen
class RequiredRights:
    """What a request asks of a token (*scope*) and of its user (*privilege*)."""

    scope: str
    privilege: str


def required_rights(method: str, path: str) -> RequiredRights:
    """Return what `method path` needs."""
    is_writing = method not in ("GET", "HEAD")
    place = path.lstrip("/").partition("/")[0]
    scope = "contact_data"
    if place == "account":
        scope = "account_update" if is_writing else "account_read"
    return RequiredRights(scope, _PRIVILEGES.get(place, _CONTACTS)[is_writing])


def explain_denial(
    need: RequiredRights, scopes: Collection[str] | None, privileges: Collection[str] | None
) -> str:
    """Return why *need* was denied, and what to do.

    *scopes* are those of the token, `None` where it does not tell; *privileges* those of the
    user, `None` where even they may not be asked for.
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
            "whoever manages the account's users can give it."
        )
    return (
        f"The user has the privilege {need.privilege} that this takes. The token may lack the "
        f"scope {need.scope}, or the application may be switched off."
        if scopes is None
        else f"Neither the scope {need.scope} nor the privilege {need.privilege} is missing; the "
        "application may be switched off."
    )
