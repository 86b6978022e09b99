"""Errors for a caller that gets no token."""

from __future__ import annotations

import datetime as dt

from cc_async.auth._auth_server import rejected_application
from cc_async.auth._grant import Grant
from cc_async.errors import (
    AuthError,
    ConstantContactError,
    TransportError,
    TransportTimeoutError,
    UnexpectedResponseError,
)
from cc_async.wire import Reply, read_token_error


def not_signed_in(profile: str) -> AuthError:
    """Return the error for a profile without a grant."""
    return AuthError(
        f"There is no sign-in{_of(profile)} yet.",
        f"Run `{_command(profile)}`, or set CC_ASYNC_ACCESS_TOKEN to an access token.",
    )


def must_sign_in(grant: Grant, profile: str, *, is_seeded: bool) -> AuthError:
    """Return the error for a *grant* that cannot be renewed, with its reason and the remedy."""
    command = _command(profile)
    remedy = f"Run `{command}`."
    if is_seeded:
        remedy = (
            f"Set CC_ASYNC_REFRESH_TOKEN to a new refresh token, or unset it and run `{command}`."
        )
    return AuthError(
        f"A person must sign in again{_of(profile)} with `{command}`: {_reason(grant)}.", remedy
    )


def gave_up(grant: Grant) -> ConstantContactError:
    """Return the error after repeated failures to renew *grant*; the grant may still be good."""
    failure = grant.failure
    if failure is None:
        return TransportTimeoutError("another process has been renewing the sign-in for too long")
    if failure.kind == "silence":
        return TransportError(failure.text)
    if failure.kind == "refusal":
        return rejected_application(failure.text or f"status {failure.status}")
    if failure.kind == "no_token":
        return UnexpectedResponseError(failure.status, failure.text)
    return read_token_error(Reply(failure.status, {}, failure.text.encode()))


def not_renewable(grant: Grant, profile: str) -> AuthError:
    """Return the error for a *grant* that is to be renewed, and has no refresh token."""
    ends_at = dt.datetime.fromtimestamp(grant.expires_at, dt.UTC)
    return AuthError(
        f"The sign-in{_of(profile)} cannot be renewed: it has no refresh token, and ends at "
        f"{ends_at:%Y-%m-%d %H:%M} UTC.",
        f"Run `{_command(profile)}`, and ask for the scope offline_access.",
    )


def same_token() -> AuthError:
    """Return the error for a renewal that brought the token again that the service refuses."""
    return AuthError(
        "The sign-in was renewed, and the authorization server gave the very access token that "
        "Constant Contact refuses.",
        "Check that the base URL and the authorization server belong together, then sign in again.",
    )


def wrong_application(profile: str) -> AuthError:
    """Return the error for settings with another application than the grant's."""
    return AuthError(
        f"The sign-in{_of(profile)} was made for another application than CC_ASYNC_CLIENT_ID names.",
        f"Set CC_ASYNC_CLIENT_ID to that application, or run `{_command(profile)}`.",
    )


def _reason(grant: Grant) -> str:
    if not grant.refresh_token:
        return (
            "the access token has ended, and without the scope offline_access it cannot be renewed"
        )
    if not grant.unanswered_at:
        return "Constant Contact no longer accepts the stored sign-in, and no renewal was cut off"
    began = dt.datetime.fromtimestamp(grant.unanswered_at, dt.UTC)
    return (
        "Constant Contact no longer accepts the stored sign-in, most likely because a renewal "
        f"that began at {began:%Y-%m-%d %H:%M:%S} UTC was cut off before its answer was stored"
    )


def _command(profile: str) -> str:
    return "cc-async login" if profile == "default" else f"cc-async login --profile {profile}"


def _of(profile: str) -> str:
    return "" if profile == "default" else f" for profile {profile!r}"
