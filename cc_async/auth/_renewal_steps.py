"""The life of a stored grant: pure steps on one record, for all processes that share the grant.

A refresh token may work only once, so a renewal leaves a trace before and after its request:

    free ── next_action ──> held ── mark_sent ──> sent ── keep_reply ──> replied ── next_action ──> free

`next_action` gives the lease to one caller. `mark_sent` notes the request just before it leaves.
`keep_reply` stores the raw answer. The next `next_action`, in any process, turns it into tokens.

The lease of a dead process runs out. If the process died between `mark_sent` and `keep_reply`, the
refresh token may be used up: the next holder tries it, and a refusal then asks for a new sign-in
and says why. Rotating refresh tokens:
https://developer.constantcontact.com/api_guide/server_flow.html

Every step takes the grant and the store's time and returns a new grant; none waits.
"""

from __future__ import annotations

import enum

import attrs

from cc_async.auth._grant import Grant, RenewalFailure, raw_reply
from cc_async.errors import UnexpectedResponseError
from cc_async.wire import (
    RefusalKind,
    Reply,
    TokenRefusal,
    TokenReply,
    read_token_error,
    read_token_reply,
)

_MAX_MARGIN = 300.0
"""Longest time between a renewal and the token's end, in seconds.

Five minutes leave room for a dozen attempts during an outage; a token lives for 24 hours.
https://developer.constantcontact.com/api_guide/auth_overview.html
"""

_MARGIN_SHARE = 0.1
"""Longest time between a renewal and the token's end, as a share of the token's life."""

_MAX_COOLING = 30.0
"""Longest pause after a failed renewal, in seconds: the end of an outage is noticed within it."""

_THROTTLED_COOLING = 2.0
"""Seconds of pause after a 429: the token endpoint takes one request a second.

The provider's support staff gives this limit; the guide does not.
"""

_MAX_FAILURES = 5
"""Failed renewals in a row before a caller gets the error. With the pauses, some 15 seconds."""

_POLL = 0.1
"""Seconds between two looks at a grant while another process renews it.

A tenth of the shortest time between two requests to the token endpoint.
"""

_MIN_POLL, _MAX_POLL = 0.02, 1.0
"""Bounds, in seconds, of the time between two looks at a grant that is cooling."""

_MAX_FAILURE_TEXT = 500
"""Characters kept of an odd answer: enough for an error body, too few for a whole page."""


class TokenState(enum.Enum):
    """Whether the access token still works."""

    FRESH = enum.auto()
    ENDING = enum.auto()  # still good, and due for renewal
    ENDED = enum.auto()  # expired, refused or missing


class Renewability(enum.Enum):
    """Whether a renewal can succeed without a new sign-in."""

    POSSIBLE = enum.auto()
    IMPOSSIBLE = enum.auto()  # no refresh token, or it is refused


class LeaseState(enum.Enum):
    """Whether a renewal may begin."""

    FREE = enum.auto()
    HELD = enum.auto()  # a renewal is under way
    COOLING = enum.auto()  # one has just failed


class Action(enum.Enum):
    """The next thing to do for a caller that needs a token."""

    USE = enum.auto()
    RENEW = enum.auto()
    WAIT = enum.auto()
    SIGN_IN = enum.auto()


NEXT_ACTION: dict[tuple[TokenState, Renewability, LeaseState], Action] = {
    (TokenState.FRESH, Renewability.POSSIBLE, LeaseState.FREE): Action.USE,
    (TokenState.FRESH, Renewability.POSSIBLE, LeaseState.HELD): Action.USE,
    (TokenState.FRESH, Renewability.POSSIBLE, LeaseState.COOLING): Action.USE,
    (TokenState.FRESH, Renewability.IMPOSSIBLE, LeaseState.FREE): Action.USE,
    (TokenState.FRESH, Renewability.IMPOSSIBLE, LeaseState.HELD): Action.USE,
    (TokenState.FRESH, Renewability.IMPOSSIBLE, LeaseState.COOLING): Action.USE,
    (TokenState.ENDING, Renewability.POSSIBLE, LeaseState.FREE): Action.RENEW,
    (TokenState.ENDING, Renewability.POSSIBLE, LeaseState.HELD): Action.USE,
    (TokenState.ENDING, Renewability.POSSIBLE, LeaseState.COOLING): Action.USE,
    (TokenState.ENDING, Renewability.IMPOSSIBLE, LeaseState.FREE): Action.USE,
    (TokenState.ENDING, Renewability.IMPOSSIBLE, LeaseState.HELD): Action.USE,
    (TokenState.ENDING, Renewability.IMPOSSIBLE, LeaseState.COOLING): Action.USE,
    (TokenState.ENDED, Renewability.POSSIBLE, LeaseState.FREE): Action.RENEW,
    (TokenState.ENDED, Renewability.POSSIBLE, LeaseState.HELD): Action.WAIT,
    (TokenState.ENDED, Renewability.POSSIBLE, LeaseState.COOLING): Action.WAIT,
    (TokenState.ENDED, Renewability.IMPOSSIBLE, LeaseState.FREE): Action.SIGN_IN,
    (TokenState.ENDED, Renewability.IMPOSSIBLE, LeaseState.HELD): Action.SIGN_IN,
    (TokenState.ENDED, Renewability.IMPOSSIBLE, LeaseState.COOLING): Action.SIGN_IN,
}
"""The decision table of a grant: every situation and its action."""


def margin(lifetime: float) -> float:
    """Return the seconds between the renewal and the end of a token with this *lifetime*."""
    return min(_MAX_MARGIN, lifetime * _MARGIN_SHARE)


def choose_action(grant: Grant, now: float, rejected: str | None) -> Action:
    """Return the action for a caller that needs an access token other than *rejected*."""
    return NEXT_ACTION[
        _token_state(grant, now, rejected), _renewability(grant), _lease_state(grant, now)
    ]


def _token_state(grant: Grant, now: float, rejected: str | None) -> TokenState:
    if not grant.access_token or grant.access_token == rejected or now >= grant.expires_at:
        return TokenState.ENDED
    is_due = now >= grant.expires_at - margin(grant.lifetime)
    return TokenState.ENDING if is_due else TokenState.FRESH


def _renewability(grant: Grant) -> Renewability:
    return (
        Renewability.POSSIBLE
        if grant.refresh_token and not grant.refused_at
        else Renewability.IMPOSSIBLE
    )


def _lease_state(grant: Grant, now: float) -> LeaseState:
    if grant.holder and now < grant.held_until:
        return LeaseState.HELD
    return LeaseState.COOLING if now < grant.retry_at else LeaseState.FREE


def recheck_delay(grant: Grant, now: float) -> float:
    """Return the seconds until the next look at a grant that is being renewed, or cooling."""
    if now < grant.held_until:
        return min(_POLL, grant.held_until - now)
    return min(_MAX_POLL, max(_MIN_POLL, grant.retry_at - now))


def should_give_up(grant: Grant, failures: int) -> bool:
    """Tell whether a caller gives up; it came after *failures* in a row."""
    is_final = grant.failure is not None and grant.failure.kind == "refusal"
    return grant.failures - failures >= (1 if is_final else _MAX_FAILURES)


def is_same_token(grant: Grant, rejected: str | None, renewals: int) -> bool:
    """Tell whether a renewal after the first *renewals* brought the *rejected* token again."""
    return bool(rejected) and grant.access_token == rejected and grant.renewals > renewals


# --- steps of a renewal -------------------------------------------------------------------


def next_action(
    grant: Grant, now: float, *, holder: str, rejected: str | None, lease: float
) -> tuple[Grant, Action]:
    """Absorb a stored reply and return the next action; a renewal takes the lease for *holder*."""
    grant = absorb_reply(grant, now)
    action = choose_action(grant, now, rejected)
    if action is Action.RENEW:
        grant = attrs.evolve(grant, holder=holder, held_until=now + lease)
    return grant, action


def mark_sent(
    grant: Grant | None, now: float, *, holder: str, refresh_token: str, lease: float
) -> tuple[Grant | None, bool]:
    """Note that a renewal leaves now, and return whether it may.

    It may not while another holder's request is under way, or after that has brought new tokens.
    """
    if grant is None or grant.reply is not None or grant.refresh_token != refresh_token:
        return grant, False
    if grant.sent_at and grant.holder != holder and now < grant.held_until:
        return grant, False
    noted = attrs.evolve(
        grant,
        holder=holder,
        held_until=now + lease,
        sent_at=now,
        unanswered_at=grant.unanswered_at or grant.sent_at,
    )
    return noted, True


def keep_reply(
    grant: Grant | None, now: float, *, grant_id: str, refresh_token: str, reply: Reply
) -> Grant | None:
    """Keep the raw *reply* to a renewal with *refresh_token*.

    New tokens always count; a refusal counts only for the current refresh token. A new sign-in or
    a sign-out drops the replies of the old grant.
    """
    if grant is None or grant.id != grant_id:
        return grant
    is_current = grant.refresh_token == refresh_token
    if is_current or isinstance(read_token_reply(reply), TokenReply):
        return attrs.evolve(grant, reply=raw_reply(reply, grant.sent_at or now))
    return grant


def keep_no_answer(
    grant: Grant | None, now: float, *, holder: str, text: str, has_left: bool
) -> Grant | None:
    """Note that a renewal got no answer; if the request *has_left*, the service may have acted."""
    if grant is None or grant.holder != holder:
        return grant
    unanswered = grant.unanswered_at or (grant.sent_at if has_left else 0.0)
    grant = attrs.evolve(grant, unanswered_at=unanswered)
    return _failed(grant, now, RenewalFailure("silence", 0, text))


def release_lease(grant: Grant | None, *, holder: str) -> Grant | None:
    """Release the lease of a *holder* that was interrupted before its request left."""
    if grant is None or grant.holder != holder or grant.sent_at:
        return grant
    return attrs.evolve(grant, holder="", held_until=0.0)


def absorb_reply(grant: Grant, now: float) -> Grant:
    """Turn the stored reply into tokens or a failure; without a reply, change nothing."""
    if grant.reply is None:
        return grant
    reply = Reply(grant.reply.status, {}, grant.reply.body.encode())
    read = read_token_reply(reply)
    if isinstance(read, TokenReply):
        return _renewed(grant, read, grant.reply.sent_at)
    grant = attrs.evolve(grant, reply=None)
    if read.kind is RefusalKind.REVOKED:
        return attrs.evolve(grant, refused_at=now, holder="", held_until=0.0, sent_at=0.0)
    if read.kind is RefusalKind.TRANSIENT:
        grant = attrs.evolve(grant, unanswered_at=grant.unanswered_at or grant.sent_at)
    return _failed(grant, now, _failure_of(reply, read))


def _renewed(grant: Grant, tokens: TokenReply, sent_at: float) -> Grant:
    """Count the lifetime from the time of the request: the token is not older than that."""
    return Grant(
        grant.id,
        grant.client_id,
        grant.signed_in_at,
        access_token=tokens.access_token,
        lifetime=tokens.expires_in,
        expires_at=sent_at + tokens.expires_in,
        refresh_token=tokens.refresh_token or grant.refresh_token,
        refreshed_at=sent_at,
        scope=tokens.scope or grant.scope,
        renewals=grant.renewals + 1,
        account_id=grant.account_id,
    )


def _failed(grant: Grant, now: float, failure: RenewalFailure) -> Grant:
    pause = _THROTTLED_COOLING if failure.status == 429 else 2.0 ** min(grant.failures, 10)
    return attrs.evolve(
        grant,
        holder="",
        held_until=0.0,
        sent_at=0.0,
        failures=grant.failures + 1,
        failure=failure,
        retry_at=now + min(_MAX_COOLING, pause),
    )


def _failure_of(reply: Reply, refusal: TokenRefusal) -> RenewalFailure:
    if refusal.kind in (RefusalKind.TRANSIENT, RefusalKind.THROTTLED):
        error = read_token_error(reply)
        if isinstance(error, UnexpectedResponseError):
            return RenewalFailure("no_token", reply.status, error.details)
        text = reply.body.decode("utf-8", "replace")[:_MAX_FAILURE_TEXT]
        return RenewalFailure("answer", reply.status, text)
    return RenewalFailure("refusal", reply.status, refusal.text)
