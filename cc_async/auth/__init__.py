"""Access tokens: sign-in, storage, renewal, and the application of a token.

`SignInFlow` signs users in. `StoredGrant` keeps the result and renews it, once for all processes
that share a store. `AccessToken` is a fixed token. Any object with a `token` method serves as well.
"""

from ._account_identity import (
    FindAccount,
    identity_of_account_id,
    identity_of_name,
    identity_of_token,
    turn_of_token,
)
from ._auth_server import AUTH_URL, Application
from ._authorization_code import PendingSignIn
from ._denials import PRIVILEGES_PATH, RequiredRights, explain_denial, required_rights
from ._grant_errors import not_signed_in
from ._grant_status import GrantStatus
from ._sign_in_flow import REDIRECT_URI, SCOPES, SignInFlow
from ._sign_ins import forget_sign_in, known_application, note_sign_in
from ._stored_grant import StoredGrant
from ._token_source import AccessToken, TokenSource, application_of, claims_of
from ._token_store import TokenStore, open_token_store

__all__ = [
    "AUTH_URL", "PRIVILEGES_PATH", "REDIRECT_URI", "SCOPES", "AccessToken", "Application",
    "FindAccount", "GrantStatus", "PendingSignIn", "RequiredRights", "SignInFlow", "StoredGrant",
    "TokenSource", "TokenStore", "application_of", "claims_of", "explain_denial", "forget_sign_in",
    "identity_of_account_id", "identity_of_name", "identity_of_token", "known_application",
    "not_signed_in", "note_sign_in", "open_token_store", "required_rights", "turn_of_token",
]  # fmt: skip
