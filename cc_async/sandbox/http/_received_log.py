"""The requests that the sandbox received, for tests and for its page. Secrets are masked."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping

import attrs

from cc_async.sandbox._settings import SandboxSettings
from cc_async.sandbox.http._incoming import IncomingRequest, is_sign_in
from cc_async.wire import Reply

_SECRET_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization"})
_SECRETS = "client_secret|refresh_token|access_token|code_verifier|device_code|code"
_FORM_SECRET = re.compile(rf"(^|[&?])({_SECRETS})=[^&]*")
_JSON_SECRET = re.compile(rf'("(?:{_SECRETS})"\s*:\s*)"[^"]*"')


@attrs.define(eq=False)
class ReceivedRequest:
    """One request and its reply; *status* is 0 while there is no reply.

    Tokens are masked. Bodies are kept while there is room for them.
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
    """The last requests, oldest first. Bodies of older ones are dropped to save room."""

    def __init__(self, settings: SandboxSettings) -> None:
        self._settings = settings
        self._kept: deque[ReceivedRequest] = deque()
        self._with_body: deque[ReceivedRequest] = deque()
        self._bytes = 0
        self.count: int = 0
        self.in_flight: int = 0
        self.most_in_flight: int = 0

    def __iter__(self) -> Iterator[ReceivedRequest]:
        return iter(tuple(self._kept))

    def __len__(self) -> int:
        return len(self._kept)

    def __getitem__(self, place: int) -> ReceivedRequest:
        return self._kept[place]

    def clear(self) -> None:
        """Forget all requests; those in flight still count."""
        self._kept.clear()
        self._with_body.clear()
        self._bytes = 0
        self.most_in_flight = self.in_flight

    def open(self, request: IncomingRequest) -> ReceivedRequest:
        """Remember a request that has just arrived."""
        self.count += 1
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        is_secret = is_sign_in(request.path)
        entry = ReceivedRequest(
            self.count,
            request.at,
            request.method,
            request.path,
            _masked(request.query) if is_secret else request.query,
            {name: _masked_header(name, value) for name, value in request.headers.items()},
            len(request.body),
            self._kept_body(request.body, is_secret),
        )
        self._kept.append(entry)
        if len(self._kept) > self._settings.kept_requests:
            self._kept.popleft()
        return entry

    def _kept_body(self, body: bytes, is_secret: bool) -> bytes:
        if not self._settings.kept_bytes:
            return b""
        return _masked(body.decode("utf-8", "replace")).encode() if is_secret else body

    def close(self, entry: ReceivedRequest, now: float, reply: Reply | None) -> None:
        """Remember how a request ended; *reply* is `None` after a cut connection."""
        self.in_flight -= 1
        entry.answered_at = now
        if reply is not None:
            entry.status = reply.status
            entry.reply_body = self._kept_body(reply.body, is_sign_in(entry.path))
        self._with_body.append(entry)
        self._bytes += len(entry.body) + len(entry.reply_body)
        while self._bytes > self._settings.kept_bytes and self._with_body:
            oldest = self._with_body.popleft()
            self._bytes -= len(oldest.body) + len(oldest.reply_body)
            oldest.body = oldest.reply_body = b""


def _masked_header(name: str, value: str) -> str:
    """Return a header's value without its secret."""
    if name not in _SECRET_HEADERS:
        return value
    kind, blank, _ = value.partition(" ")
    return f"{kind} ***" if blank else "***"


def _masked(text: str) -> str:
    """Return a query, a form, a redirect or a JSON reply of signing in without its secrets."""
    return _JSON_SECRET.sub(r'\1"***"', _FORM_SECRET.sub(r"\1\2=***", text))
