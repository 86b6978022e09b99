"""What the sandbox was sent, for tests and people to look at afterwards."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping

import attrs

from cc_async.sandbox._call import Incoming
from cc_async.sandbox._masks import masked_header, masked_text
from cc_async.sandbox._paths import is_sign_in
from cc_async.sandbox._settings import SandboxSettings
from cc_async.wire import Reply


@attrs.define(eq=False)
class Received:
    """One request and what became of it; *status* is 0 while there is no answer.

    Tokens are masked. Bodies are there as long as there is room for them.
    """

    number: int
    at: float
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body_size: int
    body: bytes = attrs.field(default=b"", repr=False)
    status: int = 0
    reply_body: bytes = attrs.field(default=b"", repr=False)
    answered_at: float | None = None
    fault: str = ""


class ReceivedLog:
    """The last requests, oldest first. Bodies of the older ones are dropped to save room."""

    def __init__(self, settings: SandboxSettings) -> None:
        self._settings = settings
        self._kept: deque[Received] = deque()
        self._with_body: deque[Received] = deque()
        self._bytes = 0
        self.count: int = 0
        self.in_flight: int = 0
        self.most_in_flight: int = 0

    def __iter__(self) -> Iterator[Received]:
        return iter(tuple(self._kept))

    def __len__(self) -> int:
        return len(self._kept)

    def __getitem__(self, place: int) -> Received:
        return self._kept[place]

    def clear(self) -> None:
        """Forget all requests; what is in flight still counts."""
        self._kept.clear()
        self._with_body.clear()
        self._bytes = 0
        self.most_in_flight = self.in_flight

    def open(self, request: Incoming) -> Received:
        """Remember a request that has just arrived."""
        self.count += 1
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        is_secret = is_sign_in(request.path)
        entry = Received(
            self.count,
            request.at,
            request.method,
            request.path,
            masked_text(request.query) if is_secret else request.query,
            {name: masked_header(name, value) for name, value in request.headers.items()},
            len(request.body),
            self._kept_part(request.body, is_secret),
        )
        self._kept.append(entry)
        if len(self._kept) > self._settings.kept_requests:
            self._kept.popleft()
        return entry

    def _kept_part(self, body: bytes, is_secret: bool) -> bytes:
        if not self._settings.kept_bytes:
            return b""
        return masked_text(body.decode("utf-8", "replace")).encode() if is_secret else body

    def close(self, entry: Received, now: float, reply: Reply | None) -> None:
        """Remember how a request ended; *reply* is `None` where the connection was cut."""
        self.in_flight -= 1
        entry.answered_at = now
        if reply is not None:
            entry.status = reply.status
            entry.reply_body = self._kept_part(reply.body, is_sign_in(entry.path))
        self._with_body.append(entry)
        self._bytes += len(entry.body) + len(entry.reply_body)
        while self._bytes > self._settings.kept_bytes and self._with_body:
            oldest = self._with_body.popleft()
            self._bytes -= len(oldest.body) + len(oldest.reply_body)
            oldest.body = oldest.reply_body = b""
