"""Access tokens: who has one, how it is renewed, and whose application it speaks for.

`StoredGrant` renews itself, once for all who share its records; `AccessToken` is a token that
somebody handed over; anything with a `token` method will do.
"""

from cc_async.auth._records import Records
from cc_async.auth._server import AUTH_URL, Application
from cc_async.auth._status import GrantStatus
from cc_async.auth._stored_grant import StoredGrant
from cc_async.auth._tokens import AccessToken, TokenSource, application_of, claims_of

__all__ = [
    "AUTH_URL",
    "AccessToken",
    "Application",
    "GrantStatus",
    "Records",
    "StoredGrant",
    "TokenSource",
    "application_of",
    "claims_of",
]
