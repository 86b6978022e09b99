"""Access tokens: who has one, how it is renewed, how people sign in, and whose limits count.

`StoredGrant` renews itself, once for all who share its records; `SignInFlow` is where people
sign in; `AccessToken` is a token that somebody handed over; anything with a `token` method will
do in their place.
"""

from cc_async.auth._auth_server import AUTH_URL, Application
from cc_async.auth._authorization_code import PendingSignIn
from cc_async.auth._denials import PRIVILEGES_PATH, RequiredRights, explain_denial, required_rights
from cc_async.auth._grant_errors import not_signed_in
from cc_async.auth._grant_status import GrantStatus
from cc_async.auth._open import open_token_store
from cc_async.auth._sign_in_flow import REDIRECT_URI, SCOPES, SignInFlow
from cc_async.auth._sign_ins import forget_sign_in, known_application, note_sign_in
from cc_async.auth._stored_grant import StoredGrant
from cc_async.auth._token_source import AccessToken, TokenSource, application_of, claims_of
from cc_async.auth._token_store import TokenStore

__all__ = [
    "AUTH_URL",
    "PRIVILEGES_PATH",
    "REDIRECT_URI",
    "SCOPES",
    "AccessToken",
    "Application",
    "GrantStatus",
    "PendingSignIn",
    "RequiredRights",
    "SignInFlow",
    "StoredGrant",
    "TokenSource",
    "TokenStore",
    "application_of",
    "claims_of",
    "explain_denial",
    "forget_sign_in",
    "known_application",
    "not_signed_in",
    "note_sign_in",
    "open_token_store",
    "required_rights",
]
