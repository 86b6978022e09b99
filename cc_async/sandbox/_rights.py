"""Who may do what: access tokens with their scopes, and the privileges of the signed-in user."""

from __future__ import annotations

from cc_async.sandbox._grants import Grants
from cc_async.sandbox._settings import SandboxSettings

SCOPES = frozenset(
    {"contact_data", "campaign_data", "account_read", "account_update", "offline_access"}
)

PRIVILEGES = frozenset(
    {
        "contacts:read", "contacts:write", "contacts:lists:read", "contacts:lists:write",
        "account:read", "account:update",
    }
)  # fmt: skip


class Rights:
    """Tokens that are taken, and what their holder may do. Everything can be taken away.

    *scopes* are those of the settings' own token; *privileges* those of the user, whatever the
    token. *is_app_active* switches the whole application off.
    """

    def __init__(self, settings: SandboxSettings, grants: Grants) -> None:
        self._token = settings.token
        self._grants = grants
        self.scopes: set[str] = set(SCOPES)
        self.privileges: set[str] = set(PRIVILEGES)
        self.is_app_active: bool = True
        self.is_token_expired: bool = False

    def scopes_of(self, authorization: str, now: float) -> frozenset[str] | None:
        """Return the scopes that an `Authorization` header carries, or `None` where it is void."""
        kind, _, token = authorization.partition(" ")
        token = token.strip()
        if kind.lower() != "bearer" or not token:
            return None
        if self._grants.knows(token):
            return self._grants.scopes_of(token, now)
        if self.is_token_expired or self._token not in {None, token}:
            return None
        return frozenset(self.scopes)

    def allow(self, scopes: frozenset[str], scope: str, privilege: str) -> bool:
        """Whether a call may go on that needs *scope* and *privilege*; empty means none."""
        if not self.is_app_active or (scope and scope not in scopes):
            return False
        return not privilege or privilege in self.privileges
