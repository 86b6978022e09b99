"""Damaged replies over all read paths, and hostile HTTP: errors of the tree, no hang, flat memory."""

from __future__ import annotations

import asyncio
import contextlib
import io
import random
import resource
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import orjson
import pytest

from cc_async.auth import AccessToken
from cc_async.errors import ConstantContactError
from cc_async.imports.verification._list_members import read_members
from cc_async.limits import Budget
from cc_async.lookups._names import read_directory
from cc_async.lookups._suppression import open_suppression
from cc_async.resources import (
    Activities,
    ContactLists,
    Contacts,
    CustomFields,
    OwnAccount,
    Tags,
    read_sign_up,
    sign_up_request,
)
from cc_async.retries import RetryPolicy
from cc_async.sandbox import Sandbox
from cc_async.session import Session
from cc_async.stores import MemoryStore
from cc_async.testing import SandboxTransport
from cc_async.transport import AiohttpTransport
from cc_async.wire import Reply, Request, read_device_reply, read_token_reply
from tests.support.people import open_sandbox

REPLIES = 20_000
SEED = 12
Path = Callable[[Session], Awaitable[object]]


async def _all(items: AsyncIterator[Any]) -> list[Any]:
    return [item async for item in items]


async def _export(session: Session) -> None:
    started = await Activities(session).submit_export()
    ended = await Activities(session).wait(started.activity_id)
    await Activities(session).save_export(ended, io.BytesIO())


async def _members(session: Session) -> None:
    await read_members(session, "l", lambda *_: None, expected=3, has_numbers=True)


async def _catch_up(session: Session) -> None:
    people = await open_suppression(session, ["unsubscribed", "deleted"], people=None)
    await asyncio.sleep(700)
    await people.reason("p1@example.com")


async def _look_up(session: Session) -> None:
    people = await open_suppression(session, ["unsubscribed"], people=0)
    await people.reason("p1@example.com")


SIGN_UP = {"email_address": "n@example.com", "list_memberships": ["l"]}
PATHS: dict[str, Path] = {
    "contact": lambda it: Contacts(it).get("c"),
    "find": lambda it: Contacts(it).find("p1@example.com"),
    "contacts": lambda it: _all(Contacts(it).iter(include=["list_memberships", "notes"], limit=2)),
    "pages": lambda it: _all(Contacts(it).iter_pages(include_count=True, limit=2)),
    "counts": lambda it: Contacts(it).counts(new_subscriber=True),
    "sign-up": lambda it: it.send(sign_up_request(SIGN_UP), read_sign_up),
    "list": lambda it: ContactLists(it).get("l"),
    "find list": lambda it: ContactLists(it).find("Newsletter"),
    "lists": lambda it: _all(ContactLists(it).iter(include_membership_count="all")),
    "fields": lambda it: _all(CustomFields(it).iter()),
    "find tag": lambda it: Tags(it).find("gold"),
    "tags": lambda it: _all(Tags(it).iter(limit=1)),
    "activity": lambda it: Activities(it).get("a"),
    "activities": lambda it: _all(Activities(it).iter(limit=2)),
    "export": _export,
    "account": lambda it: OwnAccount(it).get(),
    "privileges": lambda it: OwnAccount(it).privileges(),
    "names": read_directory,
    "members": _members,
    "opt-outs": _catch_up,
    "look-up": _look_up,
}


def filled() -> Sandbox:
    sandbox = open_sandbox(custom_fields=("Vehicle",), lists=("Newsletter", "News"), seed=SEED)
    sandbox.add_tag("gold")
    sandbox.add_tag("silver")
    for number in range(5):
        permission = "unsubscribed" if number < 3 else "implicit"
        sandbox.add_contact(
            f"p{number}@example.com",
            lists=(sandbox.contact_lists[0].list_id,),
            permission=permission,
            is_deleted=number == 4,
            first_name="Ana",
        )
    return sandbox


class DamagingTransport(SandboxTransport):
    """Hands requests to a sandbox and damages one in two answers, at random but repeatably."""

    def __init__(self, sandbox: Sandbox, chance: random.Random) -> None:
        super().__init__(sandbox)
        self.chance, self.damaged = chance, 0
        self.ids = {"c": sandbox.contacts[0].contact_id, "l": sandbox.contact_lists[0].list_id}

    async def send(self, request: Request, headers: Mapping[str, str]) -> Reply:
        ids, sink = self.ids, request.sink
        head, _, tail = request.path.rpartition("/")
        good = Request(
            request.method,
            f"{head}/{ids.get(tail, tail)}",
            request.query.replace("lists=l&", f"lists={ids['l']}&"),
            request.body and request.body.replace(b'["l"]', f'["{ids["l"]}"]'.encode()),
            request.content_type,
            request.accept,
        )
        reply = await super().send(good, headers)
        if self.chance.random() < 0.5:
            self.damaged += 1
            reply = damage(reply, self.chance)
        if sink is not None and reply.is_success:
            sink.begin()
            sink.write(reply.body)
            return Reply(reply.status, reply.headers)
        return reply


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


def session_on(transport: Any, **policy: float) -> Session:
    limits = {"deadline": 5.0, "patience": 5.0, "max_wait": 60.0, **policy}
    return Session(
        transport=transport,
        tokens=AccessToken("sandbox-token"),
        budget=Budget(MemoryStore(), key="test", per_second=100_000, per_day=100_000_000),
        policy=RetryPolicy(**limits),
    )


@pytest.mark.looptime
@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_twenty_thousand_damaged_replies_raise_errors_of_the_tree_alone() -> None:
    """Each call returns, or raises a `ConstantContactError`; memory stays below 300 MB."""
    chance = random.Random(SEED)
    outside, results, damaged = Counter[str](), Counter[str](), 0
    longest = 0
    while damaged < REPLIES:
        transport = DamagingTransport(filled(), chance)
        session = session_on(transport, deadline=0.1, patience=0.1)
        for name in sorted(PATHS) * 5:
            try:
                await PATHS[name](session)
                results["returned"] += 1
            except ConstantContactError as error:
                results[type(error).__name__] += 1
                longest = max(longest, len(str(error)) + len(error.hint))
            except Exception as error:  # noqa: BLE001 - this is what is looked for
                outside[f"{name}: {error!r:.200}"] += 1
        damaged += transport.damaged
    assert not outside, outside.most_common(20)
    assert longest < 25_000
    assert results["returned"] > 1_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 < 300


@pytest.mark.slow
def test_damaged_token_replies_raise_nothing() -> None:
    """A damaged reply of the authorization server is read as a refusal, or as tokens."""
    chance = random.Random(SEED)
    good = {
        "token_type": "Bearer", "expires_in": 86_400, "access_token": "a", "scope": "x", "refresh_token": "r",
        "device_code": "d", "user_code": "u", "verification_uri": "https://x", "interval": 5,
    }  # fmt: skip
    for _ in range(5_000):
        reply = damage(Reply(200, {}, orjson.dumps(good)), chance)
        read_token_reply(reply)
        read_device_reply(reply)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
HOSTILE = {
    "nothing": b"",
    "no HTTP": b"hello\r\n\r\n",
    "binary": bytes(range(256)) * 20,
    "a status that is text": b"HTTP/1.1 abc OK\r\n\r\n",
    "a huge status": b"HTTP/1.1 99999 OK\r\nContent-Length: 0\r\n\r\n",
    "a long status line": b"HTTP/1.1 200 " + b"x" * 100_000 + b"\r\n\r\n",
    "a long header": HEAD + b"X: " + b"y" * 1_000_000 + b"\r\n\r\n",
    "many headers": HEAD + b"X: y\r\n" * 100_000 + b"\r\n",
    "a negative length": HEAD + b"Content-Length: -5\r\n\r\n{}",
    "two lengths": HEAD + b"Content-Length: 2\r\nContent-Length: 9\r\n\r\n{}",
    "a short body": HEAD + b"Content-Length: 999\r\n\r\n{}",
    "bad chunks": HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    "huge chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n{}",
    "no gzip": HEAD + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
    "no deflate": HEAD + b"Content-Encoding: deflate\r\nContent-Length: 2\r\n\r\n{}",
    "an unknown encoding": HEAD + b"Content-Encoding: zz, br, zstd\r\nContent-Length: 2\r\n\r\n{}",
    "a bad charset": HEAD
    + b"Content-Type: text/html; charset=\xff\xfe\r\nContent-Length: 2\r\n\r\n{}",
    "a redirect": b"HTTP/1.1 302 F\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
    "an odd redirect": b"HTTP/1.1 302 F\r\nLocation: http://[\r\nContent-Length: 0\r\n\r\n",
    "a cookie": HEAD + b"Set-Cookie: \x01=\x02;;;=\r\nContent-Length: 2\r\n\r\n{}",
    "for ever 100": b"HTTP/1.1 100 Continue\r\n\r\n" * 10_000,
    "an upgrade": b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    "deep JSON": HEAD + b"Content-Length: 200000\r\n\r\n" + b"[" * 200_000,
    "invalid UTF-8": HEAD + b'Content-Length: 14\r\n\r\n{"name":"\xff\xfe"}',
    "authenticate": b"HTTP/1.1 401 U\r\nWWW-Authenticate: \xff\r\nContent-Length: 0\r\n\r\n",
    "old HTTP": b"HTTP/0.9 200 OK\r\n\r\n{}",
    "null headers": HEAD + b"X\x00Y: z\r\nContent-Length: 2\r\n\r\n{}",
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", HOSTILE)
async def test_hostile_http_ends_in_an_error_of_the_tree(kind: str) -> None:
    """Over a socket: the call returns or raises within seconds, for JSON and for a file."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
        writer.write(HOSTILE[kind])
        writer.close()

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    transport = AiohttpTransport(f"http://127.0.0.1:{port}/v3", timeout=2.0)
    session = session_on(transport, deadline=0.5, patience=0.5)
    try:
        for name in ("lists", "contact", "privileges", "export"):
            with contextlib.suppress(ConstantContactError):
                async with asyncio.timeout(20):
                    await PATHS[name](session)
    finally:
        await session.aclose()
        server.close()
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak
    assert grown / 1024 < 100
