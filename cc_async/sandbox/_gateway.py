"""The gateway in front of every operation: tokens, limits, rights, and headers on each reply.

https://developer.constantcontact.com/api_guide/v3_technical_overview.html
"""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial

import attrs

from cc_async.sandbox._call import Call
from cc_async.sandbox._routes import find_route
from cc_async.sandbox.http import (
    ErrorReply,
    IncomingRequest,
    forbidden,
    is_sign_in,
    payload_too_large,
    refuse_foreign_hosts,
    unauthorized,
    unknown_path,
)
from cc_async.sandbox.oauth import sign_in
from cc_async.sandbox.storage import AccountState, ActivityRecord
from cc_async.wire import API_PREFIX, Reply

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


@attrs.frozen
class AuthorizedRequest:
    """A request that passed the gateway; `execute` carries it out."""

    path: str
    body: bytes = attrs.field(repr=False)
    execute: Callable[[], Reply]


def authorize_request(state: AccountState, request: IncomingRequest) -> AuthorizedRequest:
    """Let a request pass to its operation.

    Raises:
        ErrorReply: In this order: 403 or 405 for an unknown operation, 401, 429, 413, and 403 for
            a missing right.
    """
    if is_sign_in(request.path):
        return AuthorizedRequest(request.path, request.body, partial(sign_in, state, request))
    if not request.path.startswith(API_PREFIX + "/"):
        raise unknown_path()
    if state.settings.has_known_token:
        refuse_foreign_hosts(request, state.settings.host_names)
    path = request.path.removeprefix(API_PREFIX)
    route, ids = find_route(request.method, path)
    scopes = state.rights.scopes_of(request.headers.get("authorization", ""), request.at)
    if scopes is None:
        raise unauthorized()
    if refusal := state.limits.take(request.at):
        raise refusal
    if len(request.body) > state.settings.max_request_bytes:
        raise payload_too_large()
    if not state.rights.allow(scopes, route.scope, route.privilege):
        raise forbidden()
    call = Call(state, request, path, ids)
    return AuthorizedRequest(path, request.body, partial(route.operation, call))


def start_again(state: AccountState, request: IncomingRequest) -> ActivityRecord | None:
    """Start the activity of *request* anew, and take it out of the queue.

    `None` means that the account does not allow it any more.
    """
    path = request.path.removeprefix(API_PREFIX)
    try:
        route, ids = find_route(request.method, path)
        route.operation(Call(state, request, path, ids))
    except ErrorReply:
        return None
    return state.activities.take_newest()


def with_tracing_headers(reply: Reply, source: random.Random) -> Reply:
    """Return *reply* with the headers that gateway and edge add, as observed."""
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
