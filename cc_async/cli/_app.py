"""The commands and their options, as `cc-async --help` tells them."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter
from cyclopts.validators import Number

from cc_async.cli._imports import ImportWish, run_import
from cc_async.cli._lookups import run_activities, run_lists, run_quota
from cc_async.cli._options import (
    Account,
    Columns,
    ContactFile,
    DryRun,
    Encoding,
    ListNames,
    Protect,
    Rejects,
)
from cc_async.cli._run import Run
from cc_async.cli._serving import SandboxWish, run_sandbox
from cc_async.cli._upserts import UpsertWish, run_upsert

__all__ = ["app"]

Ours = Annotated[Run, Parameter(parse=False)]
ACCOUNT = Account()
SANDBOX = SandboxWish()


def _version() -> str:
    try:
        return version("cc-async")
    except PackageNotFoundError:
        return "not installed"


app = App(
    name="cc-async",
    help="Move contacts into Constant Contact in bulk, with an account of every single one.\n\n"
    "An access token is taken from CC_ASYNC_ACCESS_TOKEN. Every command can be tried without an "
    "account: add --sandbox.",
    help_epilogue="Exit codes: 0 all accepted, 1 not all accepted, 2 bad usage or input, 3 sign "
    "in again, 4 daily quota used up, 5 service or network failed, 130 interrupted, "
    "143 terminated.",
    version=_version,
)


@app.command(name="import")
async def import_(
    file: ContactFile,
    /,
    *,
    lists: ListNames,
    format_: Annotated[
        Literal["auto", "csv", "json"],
        Parameter(
            name="--format",
            help="What to send: csv needs half the requests, json carries everything.",
        ),
    ] = "auto",
    create_lists: Annotated[
        bool,
        Parameter(help="Make the lists that do not exist yet.", negative="", show_default=False),
    ] = False,
    mapping: Columns = None,
    encoding: Encoding = None,
    rejects: Rejects = None,
    report: Annotated[
        Path | None, Parameter(help="Write the JSON object of the result to this file as well.")
    ] = None,
    dry_run: DryRun = False,
    account: Account = ACCOUNT,
    run: Ours,
) -> None:
    """Import contacts from a file, and say what became of each.

    For many, and for people who did not ask by themselves: an import changes nobody's
    permission and sends no mail. The last row for an address wins.
    """
    wish = ImportWish(
        file=file,
        lists=tuple(lists),
        format=format_,
        create_lists=create_lists,
        mapping=mapping,
        encoding=encoding,
        rejects=rejects,
        report=report,
        is_rehearsal=dry_run,
    )
    await run_import(wish, account, run)


@app.command
async def upsert(
    file: ContactFile,
    /,
    *,
    lists: ListNames,
    consent: Annotated[
        str | None,
        Parameter(metavar="explicit", help="Your word that each of them asked to be mailed."),
    ] = None,
    concurrency: Annotated[
        int, Parameter(help="Requests on their way at once.", validator=Number(gte=1))
    ] = 8,
    protect: Protect = None,
    mapping: Columns = None,
    encoding: Encoding = None,
    rejects: Rejects = None,
    dry_run: DryRun = False,
    account: Account = ACCOUNT,
    run: Ours,
) -> None:
    """Sign up people who asked for it, one request each.

    Makes each of them an explicit subscriber; whoever is new may get a welcome mail. Those who
    unsubscribed or were deleted are left alone.
    """
    wish = UpsertWish(
        file=file,
        lists=tuple(lists),
        consent=consent,
        concurrency=concurrency,
        protect=protect,
        mapping=mapping,
        encoding=encoding,
        rejects=rejects,
        is_rehearsal=dry_run,
    )
    await run_upsert(wish, account, run)


@app.command
async def lists(*, account: Account = ACCOUNT, run: Ours) -> None:
    """Show the account's lists with their ids and numbers of contacts."""
    await run_lists(account, run)


@app.command
async def activities(
    ids: Annotated[
        list[str] | None,
        Parameter(name="ID", help="Only these; all of the last ten days otherwise.", negative=""),
    ] = None,
    /,
    *,
    wait: Annotated[
        bool, Parameter(help="Wait until they have ended; the exit code says how.", negative="")
    ] = False,
    account: Account = ACCOUNT,
    run: Ours,
) -> None:
    """Show bulk jobs at the service, such as imports, and how far they are."""
    await run_activities(ids or (), account, run, is_waiting=wait)


@app.command
async def quota(*, account: Account = ACCOUNT, run: Ours) -> None:
    """Show how many requests are left today; asks nobody, and costs none."""
    await run_quota(account, run)


@app.command
async def sandbox(*, wish: SandboxWish = SANDBOX, run: Ours) -> None:
    """Run a local Constant Contact to try things out, until ctrl-C.

    It keeps what it is sent in memory, keeps the service's limits, and sends no mail.
    """
    await run_sandbox(wish, run)
