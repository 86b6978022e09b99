"""Keeps web pages of others from steering the sandbox through somebody's browser.

A page that a developer happens to visit can send requests to a loopback port, and can give that
port a name of its own. So whatever is no API call is answered only under an address or a name
that nobody else can own, and changes are taken only from the sandbox's own page or from a
client that is no browser.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection

import orjson

from cc_async.sandbox._answers import Refusal
from cc_async.sandbox._call import Incoming
from cc_async.wire import JSON, Reply

READING = frozenset({"GET", "HEAD"})


def refuse_strangers(request: Incoming, host_names: Collection[str]) -> None:
    """Let a request pass that comes from the own page or from no browser.

    Raises:
        Refusal: 403.
    """
    host = request.headers.get("host")
    if host is not None and not _is_own(host, host_names):
        raise _refuse("this host name is not the sandbox's")
    if request.method in READING:
        return
    origin = request.headers.get("origin")
    if origin is not None and origin != f"http://{host}":
        raise _refuse("changes are taken from the sandbox's own page only")
    if request.headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
        raise _refuse("changes are taken from the sandbox's own page only")


def _is_own(host: str, host_names: Collection[str]) -> bool:
    """Whether a name or address can mean nobody but the sandbox."""
    name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
    name = name.strip("[]").lower()
    if name == "localhost" or name.endswith(".localhost") or name in host_names:
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _refuse(message: str) -> Refusal:
    return Refusal(Reply(403, {"content-type": JSON}, orjson.dumps({"message": message})))
