"""Access to the account: tokens with their scopes, and the privileges of the signed-in user."""

from __future__ import annotations

from cc_async.sandbox.storage._grants import Grants

# https://developer.constantcontact.com/api_guide/scopes.html
ALL_SCOPES = frozenset(
    {"contact_data", "campaign_data", "account_read", "account_update", "offline_access"}
)

# https://developer.constantcontact.com/api_guide/user_privileges.html
ALL_PRIVILEGES = frozenset(
    {
        "contacts:read", "contacts:write", "contacts:lists:read", "contacts:lists:write",
        "account:read", "account:update",
    }
)  # fmt: skip


class Rights:
    """The accepted tokens and their rights. A test can take every right away.

    *scopes* are those of *token*, the account's own from the settings; `None` accepts any. *privileges* are the user's, with any token.
    *is_app_active* switches the whole application off.
    """

    def __init__(self, token: str | None, grants: Grants) -> None:
        self._token = token
        self._grants = grants
        self.scopes: set[str] = set(ALL_SCOPES)
        self.privileges: set[str] = set(ALL_PRIVILEGES)
        self.is_app_active: bool = True
        self.is_token_expired: bool = False

    def scopes_of(self, authorization: str, now: float) -> frozenset[str] | None:
        """Return the scopes of an `Authorization` header, or `None` without a valid token."""
        kind, _, token = authorization.partition(" ")
        token = token.strip()
        if kind.lower() != "bearer" or not token:
            return None
        if self._grants.has_access_token(token):
            return self._grants.scopes_of(token, now)
        if self.is_token_expired or self._token not in {None, token}:
            return None
        return frozenset(self.scopes)

    def allow(self, scopes: frozenset[str], scope: str, privilege: str) -> bool:
        """Whether the caller has *scope* and *privilege*; an empty one is not needed."""
        if not self.is_app_active or (scope and scope not in scopes):
            return False
        return not privilege or privilege in self.privileges
