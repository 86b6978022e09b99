"""Damage to replies: a value removed, repeated or odd, other bytes, another status or header."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import attrs
import orjson

from cc_async.sandbox import Sandbox
from cc_async.testing import SandboxTransport
from cc_async.wire import Reply, Request

ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 10**30, 1e308, "", " ", "x", "\r\n", "\x00", "2024-13-45", "0001-01-01",
    "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "ü" * 300, "a" * 9_000, [], {}, [None],
    [[]], {"a": 1}, [{}], {"href": 5}, "https://evil.example/v3/x", "//evil.example", "3/steal", "٣",
)  # fmt: skip
STATUSES = (
    200,
    200,
    201,
    202,
    204,
    206,
    302,
    304,
    400,
    401,
    403,
    404,
    409,
    418,
    429,
    500,
    503,
    599,
)
HEADERS = (
    ("retry-after", "9" * 400), ("retry-after", "-1"), ("retry-after", "٣"), ("retry-after", "²"),
    ("content-type", ""), ("content-type", "text/html"), ("content-type", ";;;"),
)  # fmt: skip


def damage(reply: Reply, chance: random.Random) -> Reply:
    """Return *reply* with damage to its JSON, its bytes, its status or a header."""
    kind = chance.randrange(10)
    headers = dict(reply.headers)
    if kind == 0:
        return Reply(chance.choice(STATUSES), headers, reply.body)
    if kind == 1:
        name, value = chance.choice(HEADERS)
        return Reply(chance.choice(STATUSES), {**headers, name: value}, reply.body)
    if kind == 2:
        return Reply(reply.status, headers, _damaged_bytes(reply.body, chance))
    if kind == 3:
        return Reply(chance.choice(STATUSES), headers, orjson.dumps(_small(chance.choice(ODD))))
    try:
        payload = orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        return Reply(reply.status, headers, _damaged_bytes(reply.body, chance))
    for _ in range(chance.choice((1, 1, 2, 5))):
        payload = _damaged_value(payload, chance)
    return Reply(chance.choice((200, reply.status)), headers, orjson.dumps(_small(payload)))


def _damaged_bytes(body: bytes, chance: random.Random) -> bytes:
    if not body:
        return b"\xff\xfe<html>" if chance.random() < 0.5 else b"[" * 100_000
    at = chance.randrange(len(body))
    return chance.choice((
        body[:at], body[:at] + b"\x00\xff" + body[at:], body[at:], body * 2, b"", b"\xef\xbb\xbf" + body,
        b"<html><title>no</title>", b"[" * 5_000, b'{"error_key":' * 2_000,
    ))  # fmt: skip


def _damaged_value(value: Any, chance: random.Random) -> Any:
    """Return *value* with one node removed, repeated, or replaced by something odd."""
    if isinstance(value, dict) and value and chance.random() < 0.85:
        name = chance.choice(sorted(value))
        rest = {key: item for key, item in value.items() if key != name}
        if chance.random() < 0.2:
            return rest
        return {**rest, name: _damaged_value(value[name], chance)}
    if isinstance(value, list) and value and chance.random() < 0.85:
        at = chance.randrange(len(value))
        if chance.random() < 0.2:
            return value[:at] + value[at:] * chance.choice((0, 2, 50))
        return [*value[:at], _damaged_value(value[at], chance), *value[at + 1 :]]
    return chance.choice(ODD)


def _small(value: Any) -> Any:
    """Return *value* with huge integers as text: this JSON library does not write them."""
    if isinstance(value, dict):
        return {key: _small(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_small(item) for item in value]
    return str(value) if isinstance(value, int) and abs(value) >= 2**63 else value


class DamagingTransport(SandboxTransport):
    """Hands requests to a sandbox and damages a share of the answers, at random but repeatably."""

    def __init__(self, sandbox: Sandbox, chance: random.Random, share: float = 0.5) -> None:
        super().__init__(sandbox)
        self.chance, self.share, self.damaged = chance, share, 0

    async def send(self, request: Request, headers: Mapping[str, str]) -> Reply:
        sink = request.sink
        reply = await super().send(attrs.evolve(request, sink=None), headers)
        if self.chance.random() < self.share:
            self.damaged += 1
            reply = damage(reply, self.chance)
        if sink is not None and reply.is_success:
            sink.begin()
            sink.write(reply.body)
            return Reply(reply.status, reply.headers)
        return reply
