"""Damaged replies over all read paths, and hostile HTTP: errors of the tree, no hang, flat memory."""

from __future__ import annotations

import asyncio
import contextlib
import io
import random
import resource
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import attrs
import orjson
import pytest

from cc_async.auth import AccessToken
from cc_async.errors import ConstantContactError
from cc_async.imports.verification._list_members import read_members
from cc_async.limits import Budget
from cc_async.lookups._names import read_directory
from cc_async.lookups._remembered_names import RememberedNames
from cc_async.lookups._suppression import open_suppression
from cc_async.models import Contact, EmailAddress
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
from cc_async.transport import AiohttpTransport
from cc_async.wire import Reply, Request, read_device_reply, read_token_reply
from tests.support.damage import DamagingTransport, damage
from tests.support.people import open_sandbox

REPLIES = 20_000
SEED = 12


@attrs.frozen
class Ids:
    """Ids of things that the sandbox holds."""

    contact: str
    list: str
    tag: str
    field: str


Path = Callable[[Session, Ids], Awaitable[object]]


async def _all(items: AsyncIterator[Any]) -> list[Any]:
    return [item async for item in items]


async def _export(session: Session, ids: Ids) -> None:
    activities = Activities(session)
    started = await activities.submit_export(list_ids=[ids.list])
    ended = await activities.wait(started.activity_id)
    await activities.save_export(ended, io.BytesIO())


async def _members(session: Session, ids: Ids) -> None:
    await read_members(session, ids.list, lambda *_: None, expected=3, has_numbers=True)


async def _exported_members(session: Session, ids: Ids) -> None:
    await read_members(session, ids.list, lambda *_: None, expected=9_000, has_numbers=False)


async def _catch_up(session: Session, _: Ids) -> None:
    people = await open_suppression(session, ["unsubscribed", "deleted"], people=None)
    await asyncio.sleep(700)
    await people.reason("p1@example.com")


async def _look_up(session: Session, _: Ids) -> None:
    people = await open_suppression(session, ["unsubscribed"], people=0)
    await people.reason("p1@example.com")


async def _update_contact(session: Session, ids: Ids) -> None:
    contacts = Contacts(session)
    contact = await contacts.get(ids.contact, include=["list_memberships"])
    await contacts.update(contact, update_source="Account")


async def _update_field(session: Session, ids: Ids) -> None:
    fields = CustomFields(session)
    await fields.update(await fields.get(ids.field))


async def _remember_names(session: Session, _: Ids) -> None:
    await RememberedNames(session).directory_for(["Newsletter"], has_fields=True)


async def _import(session: Session, ids: Ids) -> None:
    activities = Activities(session)
    body = b'{"import_data":[{"email":"n@example.com"}],"list_ids":["%s"]}' % ids.list.encode()
    await activities.submit_body("/activities/contacts_json_import", "application/json", body)


def _signs_up(ids: Ids) -> Request:
    return sign_up_request({"email_address": "n@example.com", "list_memberships": [ids.list]})


EVERYTHING = (
    "list_memberships", "custom_fields", "phone_numbers", "street_addresses", "taggings", "notes",
)  # fmt: skip
NEW = Contact(email_address=EmailAddress("new@example.com"), create_source="Account")
READS: dict[str, Path] = {
    "contact": lambda it, ids: Contacts(it).get(ids.contact, include=EVERYTHING),
    "find": lambda it, _: Contacts(it).find("p1@example.com", include=EVERYTHING),
    "contacts": lambda it, _: _all(Contacts(it).iter(include=EVERYTHING, limit=2)),
    "pages": lambda it, _: _all(Contacts(it).iter_pages(include_count=True, limit=2)),
    "counts": lambda it, _: Contacts(it).counts(new_subscriber=True),
    "list": lambda it, ids: ContactLists(it).get(ids.list, include_membership_count="all"),
    "find list": lambda it, _: ContactLists(it).find("Newsletter"),
    "lists": lambda it, _: _all(ContactLists(it).iter(include_membership_count="all")),
    "field": lambda it, ids: CustomFields(it).get(ids.field),
    "find field": lambda it, _: CustomFields(it).find("Vehicle"),
    "fields": lambda it, _: _all(CustomFields(it).iter(limit=1)),
    "tag": lambda it, ids: Tags(it).get(ids.tag, include_count=True),
    "find tag": lambda it, _: Tags(it).find("gold"),
    "tags": lambda it, _: _all(Tags(it).iter(include_count=True, limit=1)),
    "account": lambda it, _: OwnAccount(it).get(),
    "privileges": lambda it, _: OwnAccount(it).privileges(),
    "scopes": lambda it, _: OwnAccount(it).scopes(),
    "names": lambda it, _: read_directory(it),
    "remembered names": _remember_names,
    "activity": lambda it, _: Activities(it).get("a"),
    "activities": lambda it, _: _all(Activities(it).iter(limit=2)),
    "export": _export,
    "members": _members,
    "exported members": _exported_members,
    "opt-outs": _catch_up,
    "look-up": _look_up,
}
WRITES: dict[str, Path] = {
    "sign-up": lambda it, ids: it.send(_signs_up(ids), read_sign_up),
    "create contact": lambda it, _: Contacts(it).create(NEW),
    "update contact": _update_contact,
    "resubscribe": lambda it, ids: Contacts(it).resubscribe(ids.contact, [ids.list]),
    "create list": lambda it, _: ContactLists(it).create("New"),
    "update list": lambda it, ids: ContactLists(it).update(ids.list, name="Newsletter"),
    "create field": lambda it, _: CustomFields(it).create("New"),
    "update field": _update_field,
    "create tag": lambda it, _: Tags(it).create("new"),
    "update tag": lambda it, ids: Tags(it).update(ids.tag, name="gold"),
    "update account": lambda it, _: OwnAccount(it).update(website="https://example.com"),
    "import": _import,
    "add to lists": lambda it, ids: Activities(it).submit_add_list_memberships(
        [ids.list], {"contact_ids": [ids.contact]}
    ),
    "remove tags": lambda it, ids: Activities(it).submit_taggings_remove(
        [ids.tag], {"contact_ids": [ids.contact]}
    ),
    "delete contacts": lambda it, ids: Activities(it).submit_contact_delete(
        contact_ids=[ids.contact]
    ),
    "delete contact": lambda it, ids: Contacts(it).delete(ids.contact),
    "delete field": lambda it, ids: CustomFields(it).delete(ids.field),
    "delete tag": lambda it, ids: Tags(it).delete(ids.tag),
    "delete list": lambda it, ids: ContactLists(it).delete(ids.list),
}
PATHS: dict[str, Path] = {**READS, **WRITES}
"""All methods that read a reply; the writes come last, because they end in deletions."""


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


def ids_of(sandbox: Sandbox) -> Ids:
    return Ids(
        sandbox.contacts[0].contact_id or "",
        sandbox.contact_lists[0].list_id,
        sandbox.tags[0].tag_id,
        sandbox.custom_fields[0].custom_field_id,
    )


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
    """Each call returns, or raises a `ConstantContactError`; memory grows by less than 200 MB."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # other tests may have made it high
    chance = random.Random(SEED)
    outside, results, damaged = Counter[str](), Counter[str](), 0
    longest = 0
    while damaged < REPLIES:
        sandbox = filled()
        transport, ids = DamagingTransport(sandbox, chance), ids_of(sandbox)
        session = session_on(transport, deadline=0.1, patience=0.1)
        for name in [*list(READS) * 4, *WRITES]:
            try:
                await PATHS[name](session, ids)
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
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown / 1024 < 200


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


IDS = Ids("c-1", "l-1", "1", "f-1")
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

    writers: list[asyncio.StreamWriter] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
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
                    await PATHS[name](session, IDS)
    finally:
        await session.aclose()
        server.close()
        await asyncio.sleep(0.05)  # connections of the last moment are accepted now
        for writer in writers:  # some answers are longer than what a client takes
            writer.transport.abort()
        await asyncio.sleep(0.01)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak
    assert grown / 1024 < 100
