"""Protects the sandbox from foreign web pages in a developer's browser.

A foreign page can send requests to a loopback port, and can give that port a host name of its own.
Requests are therefore answered only under an IP address, `localhost` or a name from the settings;
those of the API under any name where the sandbox has a token that no page can know. Changes are accepted only from the sandbox's own page, or from a client without an
`Origin`, such as curl.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection

import orjson

from cc_async.sandbox.http._error_replies import ErrorReply
from cc_async.sandbox.http._incoming import IncomingRequest
from cc_async.wire import JSON, Reply

READING = frozenset({"GET", "HEAD"})


def refuse_foreign_pages(request: IncomingRequest, host_names: Collection[str]) -> None:
    """Let a request pass if it comes from the sandbox's own page or from no browser.

    Raises:
        ErrorReply: 403 for a foreign page or a foreign host name.
    """
    refuse_foreign_hosts(request, host_names)
    if request.method in READING:
        return
    host, origin = request.headers.get("host"), request.headers.get("origin")
    if origin is not None and origin != f"http://{host}":
        raise _refuse("changes are taken from the sandbox's own page only")
    if request.headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
        raise _refuse("changes are taken from the sandbox's own page only")


def refuse_foreign_hosts(request: IncomingRequest, host_names: Collection[str]) -> None:
    """Let a request pass if its host name can mean the sandbox only.

    Raises:
        ErrorReply: 403 for a foreign host name.
    """
    host = request.headers.get("host")
    if host is not None and not _is_own(host, host_names):
        raise _refuse(
            "this host name is not the sandbox's: name it in host_names, or give the sandbox a "
            "token of its own"
        )


def _is_own(host: str, host_names: Collection[str]) -> bool:
    """Whether a name or address can mean the sandbox only."""
    name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
    name = name.strip("[]").lower()
    if name == "localhost" or name.endswith(".localhost") or name in host_names:
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _refuse(message: str) -> ErrorReply:
    return ErrorReply(Reply(403, {"content-type": JSON}, orjson.dumps({"message": message})))
