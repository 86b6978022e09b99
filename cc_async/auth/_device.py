"""Sign-in on another device, for command lines without a browser.

https://developer.constantcontact.com/api_guide/device_flow.html
"""

from __future__ import annotations

from collections.abc import Callable

import anyio

from cc_async.auth._auth_server import AuthServer, refused
from cc_async.errors import ConstantContactError, TransportError
from cc_async.wire import (
    DeviceCode,
    RefusalKind,
    Reply,
    TokenRefusal,
    TokenReply,
    device_request,
    poll_request,
    read_device_reply,
    read_token_error,
    read_token_reply,
)

_MAX_ATTEMPTS = 4
"""Attempts to begin; with their pauses of 1, 2 and 3 seconds a short outage passes unseen."""

_MAX_INTERVAL = 60.0
"""Longest time between two questions after lost answers, in seconds; a code lives for minutes."""

_SLOW_DOWN = 5.0
"""Seconds that a `slow_down` adds to the interval (RFC 8628, section 3.5)."""

_TEMPORARY = (RefusalKind.PENDING, RefusalKind.THROTTLED, RefusalKind.TRANSIENT)


def next_interval(kind: RefusalKind | None, interval: float) -> float | None:
    """Return the seconds until the next question, or `None` after a final refusal.

    *kind* is the refusal of the last question, or `None` after a lost answer (RFC 8628, 3.5).
    """
    if kind is None:
        return min(2 * interval, _MAX_INTERVAL)
    if kind is RefusalKind.SLOW_DOWN:
        return interval + _SLOW_DOWN
    return interval if kind in _TEMPORARY else None


async def ask_on_device(
    server: AuthServer, scopes: tuple[str, ...], show: Callable[[DeviceCode], None]
) -> Reply:
    """Show the code, wait for the user's consent, and return the reply with the tokens.

    Raises:
        AuthError: The user declined or did not answer in time, or the application may not do this.
        TransportError: The authorization server is out of reach.
        ConstantContactError: The code ended while something else came in place of tokens.
    """
    code = await _begin(server, scopes)
    show(code)
    ends_at = anyio.current_time() + code.expires_in
    interval: float | None = code.interval
    failure: ConstantContactError | None = None
    client_id = server.application.client_id
    while interval is not None and anyio.current_time() + interval < ends_at:
        await anyio.sleep(interval)
        try:
            reply = await server.send(poll_request(client_id, code.device_code))
        except TransportError as error:
            interval, failure = next_interval(None, interval), error
            continue
        read = read_token_reply(reply)
        if isinstance(read, TokenReply):
            return reply
        interval = next_interval(read.kind, interval)
        if interval is None:
            raise refused(read)
        failure = read_token_error(reply) if read.kind is RefusalKind.TRANSIENT else None
    raise failure or refused(TokenRefusal(RefusalKind.EXPIRED))


async def _begin(server: AuthServer, scopes: tuple[str, ...]) -> DeviceCode:
    request = device_request(server.application.client_id, scopes)
    for attempt in range(1, _MAX_ATTEMPTS + 1):
        reply = await server.send(request)
        read = read_device_reply(reply)
        if isinstance(read, DeviceCode):
            return read
        if read.kind not in _TEMPORARY:
            raise refused(read)
        if attempt == _MAX_ATTEMPTS:
            raise read_token_error(reply)
        await anyio.sleep(attempt)
    raise AssertionError
