"""What protects people is read whole and agrees with its count, or nothing is sent."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from cc_async import ConstantContact
from cc_async.errors import UnexpectedResponseError
from cc_async.lookups._whole_reading import read_whole
from cc_async.models import Contact
from cc_async.retries import RetryPolicy
from cc_async.sandbox import Sandbox
from cc_async.testing import SandboxTransport
from cc_async.wire import Reply, Request
from tests.support.people import client_of, open_sandbox
from tests.support.scripted import ScriptedTransport, make_session, reply

pytestmark = [pytest.mark.looptime, pytest.mark.timeout(120)]

PEOPLE = 600
ITSELF = "LINK-TO-THE-SAME-PAGE"
Payload = dict[str, Any]


def _without_last(payload: Payload) -> Payload:
    return {**payload, "contacts": payload["contacts"][:-1]}


def _one_for_all(payload: Payload) -> Payload:
    return {**payload, "contacts": payload["contacts"][:1] * len(payload["contacts"])}


def _with_link(href: Any) -> Callable[[Payload], Any]:
    return lambda payload: {**payload, "_links": {"next": {"href": href}}}


def _without(*names: str) -> Callable[[Payload], Any]:
    return lambda payload: {key: value for key, value in payload.items() if key not in names}


def _each(**changes: Any) -> Callable[[Payload], Any]:
    def change(payload: Payload) -> Payload:
        return {**payload, "contacts": [{**one, **changes} for one in payload["contacts"]]}

    return change


ODD: dict[str, Callable[[Payload], Any]] = {
    "an empty object": lambda payload: {},
    "null": lambda payload: None,
    "a list": lambda payload: payload["contacts"],
    "a number": lambda payload: 5,
    "text": lambda payload: "ok",
    "contacts that are null": lambda payload: {**payload, "contacts": None},
    "contacts that are an object": lambda payload: {**payload, "contacts": {}},
    "contacts that are text": lambda payload: {**payload, "contacts": "none"},
    "contacts without content": lambda payload: {**payload, "contacts": [{}] * PEOPLE},
    "contacts that are null each": lambda payload: {**payload, "contacts": [None] * PEOPLE},
    "no contacts, but their count": lambda payload: {**payload, "contacts": []},
    "no contacts": _without("contacts"),
    "no count": _without("contacts_count"),
    "a count that is text": lambda payload: {**payload, "contacts_count": "many"},
    "a count that is a list": lambda payload: {**payload, "contacts_count": [600]},
    "a count below zero": lambda payload: {**payload, "contacts_count": -1},
    "no next page": _without("_links"),
    "a looping cursor": _with_link(ITSELF),
    "a next page that is a number": _with_link(7),
    "a next page that is an object": _with_link({"to": 1}),
    "a next page with control characters": _with_link("/v3/contacts?cursor=a\r\nb"),
    "a next page on another host": _with_link("https://evil.example/v3/contacts?cursor=a"),
    "a next page that starts with two slashes": _with_link("//evil.example/v3/contacts"),
    "a next page without a slash": _with_link("3/steal"),
    "one fewer": _without_last,
    "one person again and again": _one_for_all,
    "no addresses": _each(email_address=None),
    "blank addresses": _each(email_address={"address": " "}),
    "addresses that are lists": _each(email_address=["a@example.com"]),
}


class OddTransport(SandboxTransport):
    """Hands requests to a sandbox and changes its good answers to `GET /contacts`."""

    def __init__(self, sandbox: Sandbox, change: Callable[[Payload], Any], status: int) -> None:
        super().__init__(sandbox)
        self.change, self.status = change, status

    async def send(self, request: Request, headers: Any) -> Reply:
        reply = await super().send(request, headers)
        if (request.method, request.path, reply.status) != ("GET", "/contacts", 200):
            return reply
        body = orjson.dumps(self.change(orjson.loads(reply.body)))
        body = body.replace(ITSELF.encode(), f"/v3/contacts?{request.query}".encode())
        return Reply(self.status, reply.headers, body)


@functools.cache
def _filled(people: int) -> Sandbox:
    sandbox = open_sandbox()
    for number in range(people):
        sandbox.add_contact(f"p{number}@example.com", permission="unsubscribed")
    return sandbox


def filled(people: int = PEOPLE) -> Sandbox:
    """Return a sandbox of unsubscribed people; tests share it, for none may change it."""
    sandbox = _filled(people)
    sandbox.received.clear()
    return sandbox


def odd_client(sandbox: Sandbox, kind: str, status: int = 200) -> ConstantContact:
    return client_of(
        sandbox,
        transport=OddTransport(sandbox, ODD[kind], status),
        retry_policy=RetryPolicy(deadline=5, patience=5),
    )


def rows(count: int) -> Iterator[dict[str, str]]:
    return ({"email": f"p{number}@example.com"} for number in range(count))


async def sign_up(cc: ConstantContact, people: list[dict[str, str]] | Path) -> None:
    async with cc.bulk.sign_up(people, lists=["Newsletter"], consent="explicit") as outcomes:
        async for _ in outcomes:
            pass


def one_person(folder: Path) -> Path:
    """Return a file of one person: only a file is counted first, so that looking up is cheaper."""
    path = folder / "people.csv"
    path.write_text("email\np7@example.com\n")
    return path


def looked_up(sandbox: Sandbox) -> bool:
    return any(entry.query.startswith("email=p7%40example.com") for entry in sandbox.received)


def subscribed(sandbox: Sandbox) -> list[str]:
    return [
        str(contact.email_address)
        for contact in sandbox.contacts
        if not contact.is_unsubscribed or contact.list_memberships
    ]


@pytest.mark.parametrize("kind", ODD)
async def test_no_unsubscribed_person_is_signed_up_after_an_odd_answer(kind: str) -> None:
    """All opt-outs are read whole, or the sign-up ends with an error before its first request."""
    sandbox = filled()
    async with odd_client(sandbox, kind) as cc:
        with pytest.raises(UnexpectedResponseError):
            await sign_up(cc, list(rows(PEOPLE)))
    assert not subscribed(sandbox)
    assert not [entry for entry in sandbox.received if entry.path.endswith("/sign_up_form")]


@pytest.mark.parametrize("kind", [*ODD, "202"])
async def test_no_unsubscribed_person_is_signed_up_after_an_odd_look_up(
    kind: str, tmp_path: Path
) -> None:
    """A person is looked up alone where that is cheaper: an odd answer is not 'unknown'."""
    sandbox = filled(3_000)
    change = ODD.get(kind, ODD["an empty object"])

    def change_look_up(payload: Payload) -> Any:
        return payload if payload.get("contacts_count") == 3_000 else change(payload)

    transport = OddTransport(sandbox, change_look_up, 202 if kind == "202" else 200)
    policy = RetryPolicy(deadline=5, patience=5)
    async with client_of(sandbox, transport=transport, retry_policy=policy) as cc:
        with contextlib.suppress(UnexpectedResponseError):
            await sign_up(cc, one_person(tmp_path))
    assert looked_up(sandbox)
    assert not subscribed(sandbox)
    assert not [entry for entry in sandbox.received if entry.path.endswith("/sign_up_form")]


@pytest.mark.parametrize(
    "email",
    [
        {},
        {"permission_to_send": None},
        {"permission_to_send": "a_word_that_came_later"},
        {"permission_to_send": ["unsubscribed"]},
    ],
)
async def test_a_person_looked_up_without_a_known_permission_is_not_signed_up(
    email: Payload, tmp_path: Path
) -> None:
    """A contact that does not say whether it opted out is no proof that it did not."""
    sandbox = filled(3_000)

    def change(payload: Payload) -> Payload:
        if payload.get("contacts_count") == 3_000:
            return payload
        address = {"address": "p7@example.com", **email}
        return {**payload, "contacts": [{"contact_id": "c-7", "email_address": address}]}

    policy = RetryPolicy(deadline=5, patience=5)
    transport = OddTransport(sandbox, change, 200)
    async with client_of(sandbox, transport=transport, retry_policy=policy) as cc:
        with contextlib.suppress(UnexpectedResponseError):
            await sign_up(cc, one_person(tmp_path))
    assert looked_up(sandbox)
    assert not subscribed(sandbox)
    assert not [entry for entry in sandbox.received if entry.path.endswith("/sign_up_form")]


@pytest.mark.parametrize("kind", ODD)
async def test_preferences_are_whole_or_an_error(kind: str) -> None:
    """Programs that copy opt-outs get all of them, or an error."""
    async with odd_client(filled(), kind) as cc:
        with pytest.raises(UnexpectedResponseError):
            await cc.bulk.preferences()


def page(people: range, total: int | None, *, has_next: bool = False) -> Reply:
    """Return a page of these people that counts *total* in all."""
    contacts = [
        {"contact_id": f"c{number}", "email_address": {"address": f"p{number}@example.com"}}
        for number in people
    ]
    links = {"next": {"href": f"/v3/contacts?cursor={people.stop}"}} if has_next else {}
    count = {} if total is None else {"contacts_count": total}
    return reply(200, {"contacts": contacts, "_links": links, **count})


def contact_id(contact: Contact) -> str | None:
    return contact.contact_id


async def test_a_larger_count_on_a_later_page_holds() -> None:
    """A person added while pages were read, whom no page shows, makes another reading."""
    first, grown = page(range(3), 6, has_next=True), page(range(3, 6), 7)
    transport = ScriptedTransport(first, grown, first, page(range(3, 7), 7))
    found = await read_whole(make_session(transport), {}, contact_id)
    assert found == [f"c{number}" for number in range(7)]
    with pytest.raises(UnexpectedResponseError, match="6 of the 7"):
        await read_whole(
            make_session(ScriptedTransport(first, grown, first, grown, first, grown)),
            {},
            contact_id,
        )


@pytest.mark.parametrize("later", [None, 2, 6])
async def test_people_added_between_pages_are_read_too(later: int | None) -> None:
    """More people than the first page counted are no error, whatever a later page counts."""
    transport = ScriptedTransport(page(range(3), 4, has_next=True), page(range(3, 6), later))
    found = await read_whole(make_session(transport), {}, contact_id)
    assert found == [f"c{number}" for number in range(6)]


async def test_a_smaller_count_on_a_later_page_does_not_hold() -> None:
    """People whom the first page counted are still wanted."""
    pages = page(range(3), 6, has_next=True), page(range(3, 5), 5)
    with pytest.raises(UnexpectedResponseError, match="5 of the 6"):
        await read_whole(make_session(ScriptedTransport(*pages * 3)), {}, contact_id)


async def test_an_empty_first_page_does_not_hide_its_count() -> None:
    """The count comes with the first page, whether anyone is on it or not."""
    pages = page(range(0), 4, has_next=True), page(range(3), 3)
    with pytest.raises(UnexpectedResponseError, match="3 of the 4"):
        await read_whole(make_session(ScriptedTransport(*pages * 3)), {}, contact_id)


async def test_pages_of_ever_new_people_are_given_up() -> None:
    """Far more people than were counted end in an error before they fill the memory."""
    count = 500
    pages = [
        page(range(start, start + count), 1, has_next=start < 40 * count)
        for start in range(0, 41 * count, count)
    ]
    transport = ScriptedTransport(*pages)
    with pytest.raises(UnexpectedResponseError, match="more contacts than the 1 it counted"):
        await read_whole(make_session(transport), {}, contact_id)
    assert len(transport.sent) == 21
