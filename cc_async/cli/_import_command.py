"""`cc-async import`: from a file to a report, with progress on the way."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cc_async.cli._command_run import CommandRun
from cc_async.cli._connect import custom_fields_of, open_account, settings_of
from cc_async.cli._estimates import Estimate
from cc_async.cli._import_results import ImportDryRunResult, ImportResult
from cc_async.cli._options import AccountOptions, ImportFlags
from cc_async.cli._texts import count_of
from cc_async.client import ConstantContact, files_of_stores
from cc_async.errors import JobCancelledError
from cc_async.imports import ImportOptions, ImportProgress, Job, Preparation
from cc_async.sources import check_outputs, input_files, open_source

_STANDARD_OUTPUTS = (Path("/dev/stdout"), Path("/dev/stderr"))
"""Where result and remarks go: a file behind them is an output, too."""


async def run_import(
    file: str,
    lists: Sequence[str],
    suppress: Sequence[Path],
    flags: ImportFlags,
    account: AccountOptions,
    run: CommandRun,
    *,
    report_file: Path | None,
    is_dry_run: bool,
) -> None:
    """Import the file, or do a dry run."""
    run.advice = "Nothing was sent."
    options = flags.to_options()
    check_outputs(
        {"report": report_file, "rejects": options.rejects, "missing": options.missing},
        kept=(
            *input_files(file),
            *suppress,
            *files_of_stores(settings_of(account)),
            *_STANDARD_OUTPUTS,
        ),
    )
    run.report_file = report_file
    open_source(file, options.reading)  # an unreadable file is refused before anything is sent
    fields = custom_fields_of(file, options.reading.mapping) if account.sandbox else ()
    async with open_account(account, run, lists=lists, fields=fields) as client:
        if is_dry_run:
            run.result = await _dry_run(file, lists, suppress, options, client, run)
            return
        job = await _submit(file, lists, suppress, options, client, run)
        try:
            await send_import(job, run, is_file=file != "-")
        finally:
            await job.aclose()


async def _submit(
    file: str,
    lists: Sequence[str],
    suppress: Sequence[Path],
    options: ImportOptions,
    client: ConstantContact,
    run: CommandRun,
) -> Job:
    has_read = False

    def on_read(counted: Preparation) -> None:
        nonlocal has_read
        has_read = True
        _show_reading(counted, run)

    job = await client.bulk.submit_import(
        file, lists=lists, suppress=suppress, options=options, on_read=on_read
    )
    if not has_read and job.report.contacts_read:
        run.note(f"Going on with import {job.id}, which was not finished.")
    return job


async def _dry_run(
    file: str,
    lists: Sequence[str],
    suppress: Sequence[Path],
    options: ImportOptions,
    client: ConstantContact,
    run: CommandRun,
) -> ImportDryRunResult:
    dry_run = await client.bulk.dry_run_import(
        file,
        lists=lists,
        suppress=suppress,
        options=options,
        on_read=lambda counted: _show_reading(counted, run),
    )
    estimate = Estimate("import", dry_run.plans, await client.budget.statistics())
    return ImportDryRunResult(dry_run.report, estimate, options.rejects)


def _show_reading(counted: Preparation, run: CommandRun) -> None:
    text = count_of(counted.contacts_read, "contact")
    if counted.contacts_rejected:
        text += f", {counted.contacts_rejected:,} rejected"
    run.progress.show("Reading", text)


async def send_import(job: Job, run: CommandRun, *, is_file: bool) -> None:
    """Send the planned chunks and wait for the end of the import."""
    is_over = is_cancelled = False
    try:
        async for progress in job:
            _show(progress, run)
            if run.stop.is_made:
                break
        else:
            is_over = True
    except JobCancelledError:
        is_cancelled = True
        raise
    finally:
        run.result = ImportResult(
            job.report,
            job.rejects_file,
            job.missing_file,
            is_over=is_over,
            is_file=is_file,
            is_cancelled=is_cancelled,
        )


def _show(progress: ImportProgress, run: CommandRun) -> None:
    if progress.is_catching_up:
        run.progress.show("Verifying", "some are not on the lists yet; reading them again later")
        return
    if progress.is_verifying:
        run.progress.show("Verifying", "reading the lists back")
        return
    text = f"{progress.contacts_done:,} of {count_of(progress.contacts, 'contact')}"
    if progress.chunks_submitted < progress.chunks:
        text += f", {progress.chunks_submitted} of {progress.chunks} chunks sent"
    run.progress.show("Importing", text, progress.percent / 100)
