"""Access tokens: who has one, and whose application it speaks for."""

from cc_async.auth._tokens import AccessToken, TokenSource, application_of

__all__ = ["AccessToken", "TokenSource", "application_of"]
