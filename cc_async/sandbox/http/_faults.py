"""Faults on request: for a share of all requests, for one path, or for the next few.

::

    500, 500-html, 500-empty      internal error, nothing done
    503, 503-html, 503-empty      unavailable, nothing done
    401, 403                      the token or a right is suddenly missing
    429, 429-day, 429-queue       each kind of limit
    rubbish                       200 with a foreign HTML page, nothing done
    latency                       a reply that takes longer
    slow-read                     a request that is read slowly (on a port only)
    hang, hang-after              no reply: before anything was done, or after
    cut-before, cut-after         a connection cut before anything was done, or after
    half-body                     done, and cut in the middle of the reply
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from fnmatch import fnmatchcase

import attrs
from attrs import validators as is_

from cc_async.sandbox.http._error_replies import (
    ErrorReply,
    forbidden,
    queue_full,
    quota_exceeded,
    too_many_requests,
    unauthorized,
)
from cc_async.wire import JSON, Reply

_EDGE_PAGE = (
    b"<HTML><HEAD><TITLE>ERROR: The request could not be satisfied</TITLE></HEAD>"
    b"<BODY><H1>503 ERROR</H1></BODY></HTML>"
)
_PORTAL_PAGE = b"<html><head><title>Welcome</title></head><body>Please log in.</body></html>"
_INTERNAL = b'[{"error_key":"contacts.api.internal_error","error_message":"Internal error."}]'
_UNAVAILABLE = b'{"message":"Service Unavailable"}'
_HTML = {"content-type": "text/html"}
_JSON = {"content-type": JSON}

_REPLIES = {
    "500": Reply(500, _JSON, _INTERNAL),
    "500-html": Reply(500, _HTML, _EDGE_PAGE),
    "500-empty": Reply(500, {}),
    "503": Reply(503, _JSON, _UNAVAILABLE),
    "503-html": Reply(503, _HTML, _EDGE_PAGE),
    "503-empty": Reply(503, {}),
    "401": unauthorized().reply,
    "403": forbidden().reply,
    "429": too_many_requests().reply,
    "429-day": quota_exceeded().reply,
    "429-queue": queue_full(1_000).reply,
    "rubbish": Reply(200, _HTML, _PORTAL_PAGE),
}
_SECONDS = {"latency": 1.0, "slow-read": 1.0, "hang": 3_600.0, "hang-after": 3_600.0}
"""Default lengths in seconds: delays stay short in tests, and a hang outlasts any client."""

FAULTS = (*_REPLIES, *_SECONDS, "cut-before", "cut-after", "half-body")
"""The names of all faults."""


class ConnectionCut(Exception):  # noqa: N818 - an event, and no error of the sandbox
    """The connection ends without a reply. *was_done* says whether the request was carried out."""

    def __init__(self, *, was_done: bool) -> None:
        super().__init__("the sandbox cuts the connection")
        self.was_done = was_done


class HalfBody(ConnectionCut):
    """The reply breaks off in the middle; the request was carried out."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(was_done=True)
        self.reply = reply

    @property
    def sent(self) -> bytes:
        """The part of the body that still goes out."""
        return self.reply.body[: len(self.reply.body) // 2]


@attrs.frozen
class Fault:
    """A fault and the requests it applies to.

    *path* (below `/v3`) and *method* may hold `*`. *times* is the number of requests still to be
    hit, `None` for no limit. *seconds* is the length of a delay.
    """

    name: str = attrs.field(validator=is_.in_(FAULTS))
    share: float = attrs.field(default=1.0, validator=[is_.ge(0), is_.le(1)])
    path: str = attrs.field(default="*", validator=is_.instance_of(str))
    method: str = attrs.field(default="*", validator=is_.instance_of(str))
    times: int | None = attrs.field(default=None, validator=is_.optional(is_.ge(1)))
    seconds: float = attrs.field(default=0.0, validator=is_.ge(0))

    def applies_to(self, method: str, path: str) -> bool:
        return fnmatchcase(method, self.method) and fnmatchcase(path, self.path)


class Faults:
    """The faults that are switched on; the first that applies to a request wins."""

    def __init__(self, source: random.Random) -> None:
        self._random = source
        self._active: list[Fault] = []
        self.triggered: Counter[str] = Counter()
        """How often each fault hit a request, by name."""

    def __iter__(self) -> Iterator[Fault]:
        return iter(tuple(self._active))

    def add(
        self,
        name: str,
        *,
        share: float = 1.0,
        path: str = "*",
        method: str = "*",
        times: int | None = None,
        seconds: float | None = None,
    ) -> Fault:
        """Switch a fault on, beside the active ones.

        Raises:
            ValueError: There is no fault of this name, or *share* is not from 0 to 1.
            TypeError: A value is of another kind.
        """
        length = _SECONDS.get(name, 0.0) if seconds is None else seconds
        fault = Fault(name, share, path, method, times, length)
        self._active.append(fault)
        return fault

    def remove(self, name: str) -> None:
        """Switch off every fault of this name."""
        self._active = [fault for fault in self._active if fault.name != name]

    def clear(self) -> None:
        """Switch all faults off."""
        self._active.clear()

    def pick(self, method: str, path: str) -> Fault | None:
        """Return the fault for this request, and count it as used once."""
        for place, fault in enumerate(self._active):
            if fault.applies_to(method, path) and self._random.random() < fault.share:
                self.triggered[fault.name] += 1
                if fault.times is not None:
                    self._use_up(place, fault, fault.times)
                return fault
        return None

    def _use_up(self, place: int, fault: Fault, times: int) -> None:
        if times > 1:
            self._active[place] = attrs.evolve(fault, times=times - 1)
        else:
            del self._active[place]


def reply_of_fault(fault: Fault) -> ErrorReply | None:
    """Return the reply that a fault puts in place of the operation; `None` for other faults."""
    reply = _REPLIES.get(fault.name)
    return None if reply is None else ErrorReply(reply)
