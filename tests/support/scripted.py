"""A transport that answers from a script and keeps the requests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping

import orjson

from cc_async.auth import AccessToken, TokenSource
from cc_async.limits import Budget
from cc_async.retries import RetryPolicy
from cc_async.session import Session
from cc_async.stores import MemoryStore
from cc_async.wire import Reply, Request

Answer = Reply | Exception | Callable[[Request], Reply]


def reply(status: int = 200, body: object = None, **headers: str) -> Reply:
    """Return a reply; *body* is text, bytes, or a value for JSON."""
    if isinstance(body, str):
        body = body.encode()
    if not isinstance(body, bytes):
        body = b"" if body is None else orjson.dumps(body)
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, {"content-type": "application/json", **names}, body)


class ScriptedTransport:
    """Returns or raises the next answer of its script; the last one is repeated."""

    def __init__(self, *answers: Answer, seconds: float = 0.0) -> None:
        self.answers = list(answers)
        self.seconds = seconds
        self.sent: list[Request] = []
        self.headers: list[Mapping[str, str]] = []
        self.at: list[float] = []
        self.in_flight = 0
        self.most_in_flight = 0
        self.is_closed = False

    async def send(self, request: Request, headers: Mapping[str, str]) -> Reply:
        self.sent.append(request)
        self.headers.append(headers)
        self.at.append(asyncio.get_running_loop().time())
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await asyncio.sleep(self.seconds)
        finally:
            self.in_flight -= 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, Reply) else answer(request)

    async def aclose(self) -> None:
        self.is_closed = True


def make_session(
    transport: ScriptedTransport,
    *,
    tokens: TokenSource | None = None,
    policy: RetryPolicy | None = None,
    per_second: int = 1000,
) -> Session:
    """Return a session on *transport* with limits that no test reaches and without jitter."""
    return Session(
        transport=transport,
        tokens=tokens or AccessToken("token-1"),
        budget=Budget(MemoryStore(), key="test", per_second=per_second, per_day=1_000_000),
        policy=policy or RetryPolicy(),
        jitter=lambda: 1.0,
    )


class SpentTokens:
    """A token source with a new token for each rejected one."""

    def __init__(self, tokens: Iterable[str]) -> None:
        self.left = list(tokens)
        self.rejected: list[str] = []

    async def token(self, *, rejected: str | None = None) -> str:
        if rejected is not None:
            self.rejected.append(rejected)
            if rejected in self.left:  # else another task was first
                self.left.remove(rejected)
        return self.left[0]
