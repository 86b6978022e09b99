"""The commands and their options, as `cc-async --help` shows them."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from cyclopts.validators import Number

from cc_async.cli._account_commands import run_activities, run_lists, run_quota, run_whoami
from cc_async.cli._command_run import CommandRun
from cc_async.cli._import_command import run_import
from cc_async.cli._job_commands import run_cancel, run_delete, run_jobs, run_resume, run_show
from cc_async.cli._login_commands import LoginOptions, run_keepalive, run_login, run_logout
from cc_async.cli._options import (
    AccountOptions,
    ContactFile,
    DryRun,
    ImportFlags,
    ListNames,
    SignUpFlags,
    SuppressionFiles,
    switch,
)
from cc_async.cli._sandbox_command import SandboxOptions, run_sandbox
from cc_async.cli._sign_up_command import run_sign_up

Run = Annotated[CommandRun, Parameter(parse=False)]
_ACCOUNT = AccountOptions()
_IMPORT = ImportFlags()
_SIGN_UP = SignUpFlags()
_LOGIN = LoginOptions()
_SANDBOX = SandboxOptions()


def _version() -> str:
    try:
        return version("cc-async")
    except PackageNotFoundError:
        return "not installed"


app = App(
    name="cc-async",
    help="Move contacts into Constant Contact in bulk, and account for every single one.\n\n"
    "Sign in with `cc-async login`, or set CC_ASYNC_ACCESS_TOKEN. Every command works without an "
    "account too: add --sandbox.",
    help_epilogue="Exit codes: 0 all accepted, 1 not all accepted, 2 bad usage or input, 3 sign "
    "in again, 4 daily quota used up, 5 service or network failed, 129 the "
    "terminal was closed, 130 interrupted, 143 terminated.",
    version=_version,
)


@app.command(name="import")
async def import_(
    file: ContactFile,
    /,
    *,
    lists: ListNames,
    suppress: SuppressionFiles = None,
    flags: ImportFlags = _IMPORT,
    report: Annotated[
        Path | None, Parameter(help="Write the JSON object of the result to this file as well.")
    ] = None,
    dry_run: DryRun = False,
    account: AccountOptions = _ACCOUNT,
    run: Run,
) -> None:
    """Import contacts from a file, and account for each of them.

    For many contacts, with consent given elsewhere: an import changes no permission and sends no
    mail. The last row for an address wins.
    """
    await run_import(
        file,
        lists,
        suppress or (),
        flags,
        account,
        run,
        report_file=report,
        is_dry_run=dry_run,
    )


@app.command(name="sign-up", alias="upsert")
async def sign_up(
    file: ContactFile,
    /,
    *,
    lists: ListNames,
    consent: Annotated[
        str | None,
        Parameter(
            metavar="explicit", help="Confirms that each of them asked to be mailed; required."
        ),
    ] = None,
    suppress: SuppressionFiles = None,
    flags: SignUpFlags = _SIGN_UP,
    concurrency: Annotated[
        int, Parameter(help="Requests in flight at once.", validator=Number(gte=1))
    ] = 8,
    dry_run: DryRun = False,
    account: AccountOptions = _ACCOUNT,
    run: Run,
) -> None:
    """Sign up people who asked for it, one request each; `upsert` is another name for it.

    Makes each of them an explicit subscriber; new contacts may get a welcome mail. People who
    unsubscribed or were deleted are left out.
    """
    await run_sign_up(
        file,
        lists,
        suppress or (),
        flags,
        account,
        run,
        consent=consent,
        concurrency=concurrency,
        is_dry_run=dry_run,
    )


@app.command
async def resume(
    job: Annotated[
        str | None, Parameter(name="JOB", help="Its id; the newest unfinished one otherwise.")
    ] = None,
    /,
    *,
    resend_uncertain: Annotated[
        bool,
        switch(
            "Send chunks again if their answer was lost for good. People who left a list since are "
            "put back on it."
        ),
    ] = False,
    resend_failed: Annotated[
        bool,
        switch(
            "Send chunks again if the service gave them up. People who left a list since are put "
            "back on it."
        ),
    ] = False,
    account: AccountOptions = _ACCOUNT,
    run: Run,
) -> None:
    """Go on with an import or a sign-up that was interrupted, here or in another process.

    Of an import, what has not been sent is sent; of a sign-up, only people without an outcome.
    """
    await run_resume(
        job, account, run, resend_uncertain=resend_uncertain, resend_failed=resend_failed
    )


jobs = App(name="jobs", help="Show imports and sign-ups, or cancel them.")
app.command(jobs)

JobId = Annotated[str, Parameter(name="JOB", help="Its id, as `cc-async jobs` shows it.")]


@jobs.default
async def list_jobs(*, account: AccountOptions = _ACCOUNT, run: Run) -> None:
    """List the imports and sign-ups of the last thirty days, the newest first."""
    await run_jobs(account, run)


@jobs.command
async def show(job: JobId, /, *, account: AccountOptions = _ACCOUNT, run: Run) -> None:
    """Show the counts of a job so far."""
    await run_show(job, account, run)


@jobs.command
async def cancel(job: JobId, /, *, account: AccountOptions = _ACCOUNT, run: Run) -> None:
    """Send nothing more of a job. Activities at the service are not stopped."""
    await run_cancel(job, account, run)


@jobs.command
async def delete(job: JobId, /, *, account: AccountOptions = _ACCOUNT, run: Run) -> None:
    """Cancel a job and delete all that is kept of it."""
    await run_delete(job, account, run)


@app.command
async def lists(*, account: AccountOptions = _ACCOUNT, run: Run) -> None:
    """Show the account's lists with their ids and numbers of contacts."""
    await run_lists(account, run)


@app.command
async def activities(
    ids: Annotated[
        list[str] | None,
        Parameter(
            name="ID", help="Show only these; all of the last ten days otherwise.", negative=""
        ),
    ] = None,
    /,
    *,
    wait: Annotated[bool, switch("Wait until they have ended; the exit code says how.")] = False,
    account: AccountOptions = _ACCOUNT,
    run: Run,
) -> None:
    """Show activities, the bulk jobs at the service, and how far they are."""
    await run_activities(ids or (), account, run, is_waiting=wait)


@app.command
async def quota(*, account: AccountOptions = _ACCOUNT, run: Run) -> None:
    """Show how many requests are left today; sends none."""
    await run_quota(account, run)


@app.command
async def login(
    *, options: LoginOptions = _LOGIN, account: AccountOptions = _ACCOUNT, run: Run
) -> None:
    """Sign in once, for every command and program on this machine.

    The sign-in renews itself. It is kept in the state folder, or where CC_ASYNC_TOKEN_STORE
    says: file:///PATH, keyring:, or a database.
    """
    await run_login(options, account, run)


@app.command
async def logout(*, account: AccountOptions = _ACCOUNT, run: Run) -> None:
    """Forget a sign-in on this machine."""
    await run_logout(account, run)


@app.command
async def whoami(*, account: AccountOptions = _ACCOUNT, run: Run) -> None:
    """Show the account, its scopes and privileges, and when the sign-in ends."""
    await run_whoami(account, run)


@app.command
async def keepalive(
    profiles: Annotated[
        list[str] | None,
        Parameter(
            name="PROFILE", help="The profiles to renew; the default one otherwise.", negative=""
        ),
    ] = None,
    /,
    *,
    account: AccountOptions = _ACCOUNT,
    run: Run,
) -> None:
    """Renew sign-ins now; an unused one ends after 180 days."""
    await run_keepalive(profiles or (), account, run)


@app.command
async def sandbox(*, options: SandboxOptions = _SANDBOX, run: Run) -> None:
    """Run a local Constant Contact to try things out, until ctrl-C.

    It keeps the account in memory, enforces the service's limits, and sends no mail.
    """
    await run_sandbox(options, run)
