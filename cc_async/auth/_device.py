"""Signing in on another device: for command lines, where no browser can come back."""

from __future__ import annotations

from collections.abc import Callable

import anyio

from cc_async.auth._auth_server import AuthServer, refused
from cc_async.errors import TransportError
from cc_async.wire import (
    DeviceCode,
    Refusal,
    RefusalKind,
    Reply,
    TokenReply,
    device_request,
    poll_request,
    read_device_reply,
    read_token_error,
    read_token_reply,
)

_ATTEMPTS = 4
_LONGEST_INTERVAL = 60.0
_PASSING = (RefusalKind.PENDING, RefusalKind.THROTTLED, RefusalKind.TRANSIENT)


def next_interval(kind: RefusalKind | None, interval: float) -> float | None:
    """Return the seconds until the next question, or `None` where there is none.

    *kind* is how the last question was refused; `None` where no answer came (RFC 8628, 3.5).
    """
    if kind is None:
        return min(2 * interval, _LONGEST_INTERVAL)
    if kind is RefusalKind.SLOW_DOWN:
        return interval + 5.0
    return interval if kind in _PASSING else None


async def ask_on_device(
    server: AuthServer, scopes: tuple[str, ...], show: Callable[[DeviceCode], None]
) -> Reply:
    """Show a person where to say yes, wait until they do, and return the reply with the tokens.

    Raises:
        AuthError: They declined, or nobody answered in time, or device sign-in is not enabled.
        TransportError: The authorization server is out of reach.
    """
    code = await _begin(server, scopes)
    show(code)
    ends_at = anyio.current_time() + code.expires_in
    interval: float | None = code.interval
    client_id = server.application.client_id
    while interval is not None and anyio.current_time() + interval < ends_at:
        await anyio.sleep(interval)
        try:
            reply = await server.send(poll_request(client_id, code.device_code))
        except TransportError:
            interval = next_interval(None, interval)
            continue
        read = read_token_reply(reply)
        if isinstance(read, TokenReply):
            return reply
        interval = next_interval(read.kind, interval)
        if interval is None:
            raise refused(read)
    raise refused(Refusal(RefusalKind.EXPIRED))


async def _begin(server: AuthServer, scopes: tuple[str, ...]) -> DeviceCode:
    request = device_request(server.application.client_id, scopes)
    for attempt in range(1, _ATTEMPTS + 1):
        reply = await server.send(request)
        read = read_device_reply(reply)
        if isinstance(read, DeviceCode):
            return read
        if read.kind not in _PASSING:
            raise refused(read)
        if attempt == _ATTEMPTS:
            raise read_token_error(reply)
        await anyio.sleep(attempt)
    raise AssertionError
