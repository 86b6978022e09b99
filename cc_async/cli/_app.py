"""The commands and their options, as `cc-async --help` tells them."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter
from cyclopts.validators import Number

from cc_async.auth import REDIRECT_URI, SCOPES
from cc_async.cli._imports import ImportWish, run_import
from cc_async.cli._jobs import run_cancel, run_delete, run_jobs, run_resume, run_show
from cc_async.cli._lookups import run_activities, run_lists, run_quota
from cc_async.cli._options import (
    Account,
    Columns,
    ContactFile,
    DryRun,
    Encoding,
    LeftOut,
    ListNames,
    Missing,
    Protect,
    Rejects,
    Verify,
)
from cc_async.cli._run import Run
from cc_async.cli._serving import SandboxWish, run_sandbox
from cc_async.cli._sign_in import LoginWish, run_keepalive, run_login, run_logout
from cc_async.cli._upserts import UpsertWish, run_upsert
from cc_async.cli._whoami import run_whoami

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
    "Sign in with `cc-async login`, or set CC_ASYNC_ACCESS_TOKEN. Every command can be tried "
    "without an account: add --sandbox.",
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
    protect: LeftOut = None,
    verify: Verify = None,
    missing: Missing = None,
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
        is_dry_run=dry_run,
        protect=tuple(protect or ()),
        verify=verify,
        missing=missing,
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
async def resume(
    job: Annotated[
        str | None, Parameter(name="JOB", help="Its id; the newest unfinished one otherwise.")
    ] = None,
    /,
    *,
    resend_uncertain: Annotated[
        bool,
        Parameter(help="Send parts again whose answer was lost for good.", negative=""),
    ] = False,
    resend_failed: Annotated[
        bool, Parameter(help="Send parts again that the service gave up.", negative="")
    ] = False,
    account: Account = ACCOUNT,
    run: Ours,
) -> None:
    """Go on with an import or a sign-up that was interrupted, here or in another process.

    Importing a contact again does no harm: it sets the same values. Of a sign-up only those are
    sent who have no outcome yet.
    """
    await run_resume(
        job, account, run, resend_uncertain=resend_uncertain, resend_failed=resend_failed
    )


jobs = App(name="jobs", help="Show imports and sign-ups that were begun, and give them up.")
app.command(jobs)

JobId = Annotated[str, Parameter(name="JOB", help="Its id, as `cc-async jobs` shows it.")]


@jobs.default
async def list_jobs(*, account: Account = ACCOUNT, run: Ours) -> None:
    """Show the imports and sign-ups of the last thirty days, the newest first."""
    await run_jobs(account, run)


@jobs.command
async def show(job: JobId, /, *, account: Account = ACCOUNT, run: Ours) -> None:
    """Show what has become of a job so far."""
    await run_show(job, account, run)


@jobs.command
async def cancel(job: JobId, /, *, account: Account = ACCOUNT, run: Ours) -> None:
    """Send nothing more of a job; what the service has accepted, it carries out."""
    await run_cancel(job, account, run)


@jobs.command
async def delete(job: JobId, /, *, account: Account = ACCOUNT, run: Ours) -> None:
    """Cancel a job and forget everything about it."""
    await run_delete(job, account, run)


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
async def login(
    *,
    browser: Annotated[
        bool,
        Parameter(
            help="Sign in with a browser on this machine, not with a code on any device.",
            negative="",
            show_default=False,
        ),
    ] = False,
    client_id: Annotated[
        str | None,
        Parameter(
            metavar="ID",
            help="The application's API key, in place of CC_ASYNC_CLIENT_ID. Its secret, if it has "
            "one, is only taken from CC_ASYNC_CLIENT_SECRET.",
        ),
    ] = None,
    scopes: Annotated[
        list[str] | None,
        Parameter(
            name="--scope",
            metavar="NAME",
            help=f"What to ask for; once for each [default: {' '.join(SCOPES)}]",
            negative="",
        ),
    ] = None,
    redirect_uri: Annotated[
        str,
        Parameter(
            metavar="URL",
            help="Where the browser comes back to: an address of this machine that is registered "
            "for the application.",
        ),
    ] = REDIRECT_URI,
    account: Account = ACCOUNT,
    run: Ours,
) -> None:
    """Sign in once; from then on every command and program on this machine is let in.

    The sign-in renews itself. It is kept in the state folder, or where CC_ASYNC_TOKEN_STORE
    says: file:///PATH, keyring:, or a database.
    """
    wish = LoginWish(client_id, tuple(scopes or SCOPES), browser, redirect_uri)
    await run_login(wish, account, run)


@app.command
async def logout(*, account: Account = ACCOUNT, run: Ours) -> None:
    """Forget a sign-in on this machine."""
    await run_logout(account, run)


@app.command
async def whoami(*, account: Account = ACCOUNT, run: Ours) -> None:
    """Show the account, what token and user may do, and how long the sign-in lasts."""
    await run_whoami(account, run)


@app.command
async def keepalive(
    profiles: Annotated[
        list[str] | None,
        Parameter(name="PROFILE", help="Which sign-ins; the default one otherwise.", negative=""),
    ] = None,
    /,
    *,
    account: Account = ACCOUNT,
    run: Ours,
) -> None:
    """Renew sign-ins now: one that nobody uses ends after 180 days."""
    await run_keepalive(profiles or (), account, run)


@app.command
async def sandbox(*, wish: SandboxWish = SANDBOX, run: Ours) -> None:
    """Run a local Constant Contact to try things out, until ctrl-C.

    It keeps what it is sent in memory, keeps the service's limits, and sends no mail.
    """
    await run_sandbox(wish, run)
