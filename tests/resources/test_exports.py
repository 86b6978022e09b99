"""Exports are requested and their files are saved, over a real socket too."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from cc_async import Activity, ConstantContact, Limits, Network
from cc_async.errors import InvalidRequestError, NotFoundError, ServerError, UnexpectedResponseError
from cc_async.resources import Activities
from cc_async.sandbox import Sandbox
from tests.support.people import open_sandbox
from tests.support.scripted import ScriptedTransport, make_session, reply


@asynccontextmanager
async def client_on(sandbox: Sandbox) -> AsyncIterator[ConstantContact]:
    async with (
        sandbox.serve() as server,
        ConstantContact(
            "sandbox-token",
            network=Network(base_url=server.url),
            limits=Limits(per_second=100),
            stores="memory:",
        ) as cc,
    ):
        yield cc


def filled(people: int = 3_000) -> Sandbox:
    sandbox = open_sandbox(activity_seconds=0.1)
    newsletter = sandbox.contact_lists[0].list_id
    for number in range(people):
        sandbox.add_contact(f"p{number}@example.com", lists=(newsletter,))
    sandbox.add_contact("elsewhere@example.com")
    return sandbox


async def export(cc: ConstantContact, sandbox: Sandbox) -> Activity:
    started = await cc.activities.submit_export(
        list_ids=[sandbox.contact_lists[0].list_id], fields=["email_address", "updated_at"]
    )
    return await cc.activities.wait(started.activity_id)


async def test_an_export_holds_the_members_of_the_list() -> None:
    """The file has the requested columns, and only members of the list."""
    sandbox, file = filled(), io.BytesIO()
    async with client_on(sandbox) as cc:
        await cc.activities.save_export(await export(cc, sandbox), file)
    rows = list(csv.DictReader(io.StringIO(file.getvalue().decode())))
    assert {row["Email address"] for row in rows} == {f"p{n}@example.com" for n in range(3_000)}
    assert set(rows[0]) == {"Email address", "Updated At"}


@pytest.mark.parametrize("fault", ["half-body", "503-html", "rubbish", "cut-after"])
async def test_a_failed_download_starts_again(fault: str) -> None:
    """A failed attempt leaves nothing in the file."""
    sandbox, file = filled(), io.BytesIO()
    async with client_on(sandbox) as cc:
        finished = await export(cc, sandbox)
        sandbox.faults.add(fault, path="/contact_exports/*", times=1)
        await cc.activities.save_export(finished, file)
    lines = file.getvalue().splitlines()
    assert len(lines) == len(set(lines)) == 3_001


async def test_an_error_leaves_the_file_empty() -> None:
    """The body of an error is not written to the file."""
    file = io.BytesIO()
    async with client_on(filled(1)) as cc:
        gone = Activity("a1", "completed", results_href="/v3/contact_exports/nowhere")
        with pytest.raises(NotFoundError):
            await cc.activities.save_export(gone, file)
    assert file.getvalue() == b""


async def test_wrong_filters_are_refused() -> None:
    """Lists together with contacts, or too many of either, are not sent."""
    sandbox = filled(1)
    async with client_on(sandbox) as cc:
        for wrong in (
            {"list_ids": ["l"], "contact_ids": ["c"]},
            {"list_ids": ["l"] * 51},
            {"contact_ids": ["c"] * 501},
        ):
            with pytest.raises(InvalidRequestError):
                await cc.activities.submit_export(**wrong)  # type: ignore[arg-type]
    assert sandbox.received.count == 0


def exported(href: str | None) -> Activity:
    return Activity("a1", "completed", results_href=href)


@pytest.mark.looptime
async def test_the_link_of_the_activity_is_followed() -> None:
    """The link is followed even if it differs from the path of the contract."""
    transport = ScriptedTransport(reply(200, "Email\r\n", content_type="text/csv"))
    file = io.BytesIO(b"something older and longer")
    await Activities(make_session(transport)).save_export(exported("/v3/contacts_exports/f1"), file)
    assert file.getvalue() == b"Email\r\n"
    assert [request.path for request in transport.sent] == ["/contacts_exports/f1"]
    assert transport.sent[0].accept == "text/csv"


@pytest.mark.looptime
async def test_after_a_404_the_path_of_the_contract_is_tried() -> None:
    """After a 404 the path of the contract is tried; a second 404 is an error."""
    transport = ScriptedTransport(
        reply(404), reply(200, "Email\r\n", content_type="text/csv"), reply(404)
    )
    activities, file = Activities(make_session(transport)), io.BytesIO()
    await activities.save_export(exported("/v3/contacts_exports/f1"), file)
    assert [request.path for request in transport.sent] == [
        "/contacts_exports/f1",
        "/contact_exports/f1",
    ]
    with pytest.raises(NotFoundError):
        await activities.save_export(exported("/v3/contact_exports/f1"), file)
    assert len(transport.sent) == 3


@pytest.mark.looptime
async def test_other_answers_than_a_file_are_errors() -> None:
    """An HTML page, a server error, and an activity without a link are errors."""
    page = reply(200, "<html></html>", content_type="text/html")
    for answer, error in ((page, UnexpectedResponseError), (reply(500), ServerError)):
        with pytest.raises(error):
            await Activities(make_session(ScriptedTransport(answer))).save_export(
                exported("/v3/contact_exports/f1"), io.BytesIO()
            )
    with pytest.raises(UnexpectedResponseError):
        await Activities(make_session(ScriptedTransport(page))).save_export(
            exported(None), io.BytesIO()
        )
