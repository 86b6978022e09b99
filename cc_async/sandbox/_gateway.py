"""What stands in front of every operation: tokens, limits, rights, and headers on each answer."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial

import attrs

from cc_async.sandbox._activity_queue import ActivityRecord
from cc_async.sandbox._answers import Refusal, forbidden, too_large, unauthorized, unknown_path
from cc_async.sandbox._call import Call, Incoming
from cc_async.sandbox._paths import is_sign_in
from cc_async.sandbox._routes import find_route
from cc_async.sandbox._sites import sign_in
from cc_async.sandbox._state import State
from cc_async.wire import API_PREFIX, Reply

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


@attrs.frozen
class Admitted:
    """A request that may go on to the operation it is for."""

    path: str
    body: bytes = attrs.field(repr=False)
    carry_out: Callable[[], Reply]


def admit(state: State, request: Incoming) -> Admitted:
    """Let a request through to its operation.

    Raises:
        Refusal: 403 or 405 for what is no operation, 401, 429, 413, and 403 for a missing right,
            asked in this order.
    """
    if is_sign_in(request.path):
        return Admitted(request.path, request.body, partial(sign_in, state, request))
    if not request.path.startswith(API_PREFIX + "/"):
        raise unknown_path()
    path = request.path.removeprefix(API_PREFIX)
    route, ids = find_route(request.method, path)
    scopes = state.rights.scopes_of(request.headers.get("authorization", ""), request.at)
    if scopes is None:
        raise unauthorized()
    if refusal := state.limits.take(request.at):
        raise refusal
    if len(request.body) > state.settings.max_request_bytes:
        raise too_large()
    if not state.rights.allow(scopes, route.scope, route.privilege):
        raise forbidden()
    call = Call(state, request, path, ids)
    return Admitted(path, request.body, partial(route.answer, call))


def start_again(state: State, request: Incoming) -> ActivityRecord | None:
    """Ask again for the activity that *request* asked for, and take it out of the queue.

    `None` means that the account does not allow it any more.
    """
    path = request.path.removeprefix(API_PREFIX)
    try:
        route, ids = find_route(request.method, path)
        route.answer(Call(state, request, path, ids))
    except Refusal:
        return None
    return state.activities.take_newest()


def with_tracing(reply: Reply, source: random.Random) -> Reply:
    """Return *reply* with the headers that every answer of the gateway and the edge carries."""
    uuid = partial(_uuid, source)
    letters = "".join(source.choices(_LETTERS, k=28))
    tracing = {
        "x-amzn-requestid": uuid(),
        "x-amz-apigw-id": letters[:15] + "=",
        "x-eig-tracking-id": uuid(),
        "x-amz-cf-id": letters * 2 + "==",
        "x-cache": "Miss from cloudfront",
    }
    return attrs.evolve(reply, headers={**tracing, **reply.headers})


def _uuid(source: random.Random) -> str:
    text = f"{source.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"
