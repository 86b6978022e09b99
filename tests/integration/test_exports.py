"""Exports over a real socket: a long file goes to disk as it comes, and whole."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from cc_async import Activity, ConstantContact, Limits, Network
from cc_async.errors import InvalidRequestError, NotFoundError
from cc_async.sandbox import Sandbox
from tests.support.people import open_sandbox


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


async def test_an_export_holds_everyone_on_the_list() -> None:
    """The file has the columns that were asked for, and nobody from elsewhere."""
    sandbox, file = filled(), io.BytesIO()
    async with client_on(sandbox) as cc:
        await cc.activities.save_export(await export(cc, sandbox), file)
    rows = list(csv.DictReader(io.StringIO(file.getvalue().decode())))
    assert {row["Email address"] for row in rows} == {f"p{n}@example.com" for n in range(3_000)}
    assert set(rows[0]) == {"Email address", "Updated At"}


@pytest.mark.parametrize("fault", ["half-body", "503-html", "rubbish", "cut-after"])
async def test_a_download_that_breaks_off_is_begun_anew(fault: str) -> None:
    """Nothing of a broken try is left in the file."""
    sandbox, file = filled(), io.BytesIO()
    async with client_on(sandbox) as cc:
        finished = await export(cc, sandbox)
        sandbox.faults.add(fault, path="/contact_exports/*", times=1)
        await cc.activities.save_export(finished, file)
    lines = file.getvalue().splitlines()
    assert len(lines) == len(set(lines)) == 3_001


async def test_a_file_that_is_gone_leaves_nothing() -> None:
    """An error's body is no part of a file."""
    file = io.BytesIO()
    async with client_on(filled(1)) as cc:
        gone = Activity("a1", "completed", results_href="/v3/contact_exports/nowhere")
        with pytest.raises(NotFoundError):
            await cc.activities.save_export(gone, file)
    assert file.getvalue() == b""


async def test_filters_that_exclude_each_other_are_refused_here() -> None:
    """Lists and contacts together, or too many of either, are never sent."""
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
