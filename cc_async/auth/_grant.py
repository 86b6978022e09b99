"""The life of a stored grant: pure steps on one record, shared by all who use the grant.

A refresh token may be good for one use, so a renewal leaves a trace before and after:

    free ── look ──> held ── begin ──> sent ── keep_reply ──> replied ── look ──> free

`look` hands a lease to one of those who ask; `begin` notes, just before the request leaves, that
it leaves; `keep_reply` keeps the raw answer; and whoever looks next, in whatever process, makes
tokens of it. A holder that dies lets its lease run out. If it died between `begin` and
`keep_reply`, nobody knows whether the refresh token is used up: the next one tries it, and if it
is refused then, a person has to sign in, and is told why.

Every step takes the grant and the store's time and returns a new grant; none waits.
"""

from __future__ import annotations

import enum
from typing import Any

import attrs

from cc_async.wire import Refusal, RefusalKind, Reply, Secret, TokenReply, read_token_reply

_LONGEST_MARGIN = 300.0
_LONGEST_REST = 30.0
_THROTTLED_REST = 2.0
_ATTEMPTS = 5
_POLL = 0.1


@attrs.frozen
class RawReply:
    """An answer of the token endpoint as it came, and when its request left."""

    status: int
    body: Secret = attrs.field(converter=Secret)
    sent_at: float


@attrs.frozen
class Failure:
    """Why the latest renewal did not succeed: no answer, an odd answer, or a clear no."""

    kind: str
    status: int
    text: str


def _raw_reply(value: Any) -> RawReply | None:
    return RawReply(**value) if isinstance(value, dict) else value


def _failure(value: Any) -> Failure | None:
    return Failure(**value) if isinstance(value, dict) else value


@attrs.frozen
class Grant:
    """What a person granted, as one record. Times are seconds since the epoch; 0 is never."""

    id: str  # of the sign-in: a new one has a new id
    client_id: str
    signed_in_at: float
    access_token: Secret = attrs.field(default=Secret(), converter=Secret)
    lifetime: float = 0.0
    expires_at: float = 0.0
    refresh_token: Secret = attrs.field(default=Secret(), converter=Secret)
    refreshed_at: float = 0.0
    scope: str = ""
    renewals: int = 0
    holder: str = ""
    held_until: float = 0.0
    sent_at: float = 0.0  # a renewal was about to leave, and its answer is not stored
    unanswered_at: float = 0.0  # one left earlier, and its answer never was
    reply: RawReply | None = attrs.field(default=None, converter=_raw_reply)
    failures: int = 0  # in a row
    failure: Failure | None = attrs.field(default=None, converter=_failure)
    retry_at: float = 0.0
    refused_at: float = 0.0  # the refresh token is not taken any more

    @classmethod
    def of(cls, record: Any) -> Grant | None:
        """Return the grant in *record*; what a newer release added is passed over."""
        if record is None:
            return None
        names = {field.name for field in attrs.fields(cls)}
        return cls(**{name: value for name, value in record.items() if name in names})

    def to_record(self) -> dict[str, Any]:
        """Return the grant as plain data."""
        return attrs.asdict(self)


class TokenState(enum.Enum):
    """How far the access token has come."""

    FRESH = enum.auto()
    ENDING = enum.auto()  # still good, and due for renewal
    ENDED = enum.auto()  # expired, refused, or not there


class Renewability(enum.Enum):
    """Whether the grant can be renewed without a person."""

    POSSIBLE = enum.auto()
    IMPOSSIBLE = enum.auto()  # no refresh token, or it is refused


class LeaseState(enum.Enum):
    """Whether a renewal may begin."""

    FREE = enum.auto()
    HELD = enum.auto()  # a renewal is under way
    COOLING = enum.auto()  # one has just failed


class Action(enum.Enum):
    """What to do next."""

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


def margin(lifetime: float) -> float:
    """Return how many seconds before its end a token that lives *lifetime* is renewed."""
    return min(_LONGEST_MARGIN, lifetime / 10)


def choose_action(grant: Grant, now: float, rejected: str | None) -> Action:
    """Return what somebody who needs an access token other than *rejected* does next."""
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
    """Return seconds after which to look again while somebody renews, or rests from failing."""
    if now < grant.held_until:
        return min(_POLL, grant.held_until - now)
    return min(1.0, max(_POLL / 5, grant.retry_at - now))


def should_give_up(grant: Grant, failures: int) -> bool:
    """Tell whether to give up, for somebody who came when there were *failures* in a row."""
    is_final = grant.failure is not None and grant.failure.kind == "refusal"
    return grant.failures - failures >= (1 if is_final else _ATTEMPTS)


# --- beginnings ---------------------------------------------------------------------------


def new_grant(id: str, client_id: str, now: float, reply: Reply) -> Grant:  # noqa: A002
    """Return the grant of a person who has just signed in; *reply* is still to be digested."""
    return Grant(id, client_id, now, reply=_raw(reply, now))


def seed(client_id: str, refresh_token: str, now: float) -> Grant:
    """Return a grant of which only a *refresh_token* is known."""
    return Grant("seed", client_id, now, refresh_token=Secret(refresh_token), refreshed_at=now)


# --- steps of a renewal -------------------------------------------------------------------


def next_action(
    grant: Grant, now: float, *, holder: str, rejected: str | None, lease: float
) -> tuple[Grant, Action]:
    """Make tokens of a stored reply, say what to action next, and hold the lease if it is to renew."""
    grant = absorb_reply(grant, now)
    action = choose_action(grant, now, rejected)
    if action is Action.RENEW:
        grant = attrs.evolve(grant, holder=holder, held_until=now + lease)
    return grant, action


def mark_sent(
    grant: Grant | None, now: float, *, holder: str, refresh_token: str, lease: float
) -> tuple[Grant | None, bool]:
    """Note that a renewal leaves now; say no if somebody else's did, or is not needed any more."""
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
    """Keep the raw *reply* to a renewal that was sent with *refresh_token*.

    A refusal of a token that has been replaced meanwhile says nothing; tokens always count.
    After a new sign-in, or after signing out, nothing of an old grant is kept.
    """
    if grant is None or grant.id != grant_id:
        return grant
    is_current = grant.refresh_token == refresh_token
    if is_current or isinstance(read_token_reply(reply), TokenReply):
        return attrs.evolve(grant, reply=_raw(reply, grant.sent_at or now))
    return grant


def keep_no_answer(
    grant: Grant | None, now: float, *, holder: str, text: str, has_left: bool
) -> Grant | None:
    """Note that a renewal got no answer; *has_left* where it may have been carried out."""
    if grant is None or grant.holder != holder:
        return grant
    unanswered = grant.unanswered_at or (grant.sent_at if has_left else 0.0)
    grant = attrs.evolve(grant, unanswered_at=unanswered)
    return _failed(grant, now, Failure("silence", 0, text))


def release_lease(grant: Grant | None, *, holder: str) -> Grant | None:
    """Let go of the lease of somebody who was interrupted before the request left."""
    if grant is None or grant.holder != holder or grant.sent_at:
        return grant
    return attrs.evolve(grant, holder="", held_until=0.0)


def absorb_reply(grant: Grant, now: float) -> Grant:
    """Make tokens, or a reason, of the reply that is stored; without one, change nothing."""
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
    return _failed(grant, now, _reason(reply, read))


def _renewed(grant: Grant, tokens: TokenReply, sent_at: float) -> Grant:
    """Count the lifetime from the moment the request left: the token is not older than that."""
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
    )


def _failed(grant: Grant, now: float, failure: Failure) -> Grant:
    rest = _THROTTLED_REST if failure.status == 429 else 2.0 ** min(grant.failures, 10)
    return attrs.evolve(
        grant,
        holder="",
        held_until=0.0,
        sent_at=0.0,
        failures=grant.failures + 1,
        failure=failure,
        retry_at=now + min(_LONGEST_REST, rest),
    )


def _reason(reply: Reply, refusal: Refusal) -> Failure:
    if refusal.kind in (RefusalKind.TRANSIENT, RefusalKind.THROTTLED):
        text = "" if reply.is_success else reply.body.decode("utf-8", "replace")[:500]
        return Failure("answer", reply.status, text)
    said = ": ".join(filter(None, (refusal.error, refusal.description)))
    return Failure("refusal", reply.status, said)


def _raw(reply: Reply, sent_at: float) -> RawReply:
    return RawReply(reply.status, Secret(reply.body.decode("utf-8", "replace")), sent_at)
