"""Access tokens: who has one, how it is renewed, how people sign in, and whose limits count.

`StoredGrant` renews itself, once for all who share its records; `SignInDesk` is where people
sign in; `AccessToken` is a token that somebody handed over; anything with a `token` method will
do in their place.
"""

from cc_async.auth._code import PendingSignIn
from cc_async.auth._desk import REDIRECT_URI, SCOPES, SignInDesk
from cc_async.auth._explain import nobody_signed_in
from cc_async.auth._open import open_token_store
from cc_async.auth._records import Records
from cc_async.auth._rights import PRIVILEGES_PATH, Need, explain_denial, need_of
from cc_async.auth._server import AUTH_URL, Application
from cc_async.auth._sign_ins import forget_sign_in, known_application, note_sign_in
from cc_async.auth._status import GrantStatus
from cc_async.auth._stored_grant import StoredGrant
from cc_async.auth._tokens import AccessToken, TokenSource, application_of, claims_of

__all__ = [
    "AUTH_URL",
    "PRIVILEGES_PATH",
    "REDIRECT_URI",
    "SCOPES",
    "AccessToken",
    "Application",
    "GrantStatus",
    "Need",
    "PendingSignIn",
    "Records",
    "SignInDesk",
    "StoredGrant",
    "TokenSource",
    "application_of",
    "claims_of",
    "explain_denial",
    "forget_sign_in",
    "known_application",
    "need_of",
    "nobody_signed_in",
    "note_sign_in",
    "open_token_store",
]
