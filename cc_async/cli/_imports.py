"""`cc-async import`: from a file to a report, with a word of progress on the way."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import attrs

from cc_async.cli._connect import open_account
from cc_async.cli._estimates import Estimate
from cc_async.cli._import_results import DryRunResult, ImportResult
from cc_async.cli._local_sandbox import field_labels
from cc_async.cli._options import Account, check_place, read_mapping
from cc_async.cli._run import Run
from cc_async.cli._texts import count_of
from cc_async.client import ConstantContact
from cc_async.errors import JobCancelledError
from cc_async.imports import ImportOptions, Job, Preparation
from cc_async.lookups import SuppressionKind
from cc_async.sources import ReadingOptions, open_source


@attrs.frozen
class ImportWish:
    """What the command line asks for."""

    file: str
    lists: tuple[str, ...]
    format: Literal["auto", "csv", "json"]
    create_lists: bool
    mapping: dict[str, str] = attrs.field(converter=read_mapping)
    encoding: str | None
    rejects: Path | None
    report: Path | None
    is_dry_run: bool
    protect: tuple[SuppressionKind, ...] = ()
    verify: bool | None = None
    missing: Path | None = None


async def run_import(wish: ImportWish, account: Account, run: Run) -> None:
    """Import the file, or say what that would do and cost."""
    check_place(wish.rejects, "--rejects")
    check_place(wish.report, "--report")
    check_place(wish.missing, "--missing")
    run.report = wish.report
    run.advice = "Nothing was sent."
    options = _options(wish)
    open_source(wish.file, options.reading)  # says at once what is wrong with it
    fields = field_labels(wish.file, wish.mapping) if account.sandbox else ()
    async with open_account(account, run, lists=wish.lists, fields=fields) as client:
        if wish.is_dry_run:
            run.result = await _dry_run(wish, options, client, run)
            return
        job = await _submit(wish, options, client, run)
        try:
            await send_import(job, run, is_file=wish.file != "-")
        finally:
            await job.aclose()


def _options(wish: ImportWish) -> ImportOptions:
    return ImportOptions(
        reading=ReadingOptions(encoding=wish.encoding, mapping=wish.mapping),
        send_as=wish.format,
        create_lists=wish.create_lists,
        protect=wish.protect,
        verify=wish.verify,
        rejects=wish.rejects,
        missing=wish.missing,
    )


def _show_reading(counted: Preparation, run: Run) -> None:
    text = count_of(counted.contacts_read, "contact")
    if counted.contacts_rejected:
        text += f", {counted.contacts_rejected:,} rejected"
    run.progress.show("Reading", text)


async def _submit(
    wish: ImportWish, options: ImportOptions, client: ConstantContact, run: Run
) -> Job:
    has_read = False

    def on_read(counted: Preparation) -> None:
        nonlocal has_read
        has_read = True
        _show_reading(counted, run)

    job = await client.bulk.submit_import(
        wish.file, lists=wish.lists, options=options, on_read=on_read
    )
    if not has_read and job.report.contacts_read:
        run.note(f"Going on with import {job.id}, which was not finished.")
    return job


async def _dry_run(
    wish: ImportWish, options: ImportOptions, client: ConstantContact, run: Run
) -> DryRunResult:
    dry_run = await client.bulk.dry_run_import(
        wish.file,
        lists=wish.lists,
        options=options,
        on_read=lambda counted: _show_reading(counted, run),
    )
    estimate = Estimate("import", dry_run.plans, await client.budget.statistics())
    return DryRunResult(dry_run.report, estimate, wish.rejects)


async def send_import(job: Job, run: Run, *, is_file: bool) -> None:
    """Send what is planned and wait for its end, with a word of progress on the way."""

    is_over = is_cancelled = False
    try:
        async for progress in job:
            told = f"{progress.contacts_done:,} of {count_of(progress.contacts, 'contact')}"
            if progress.chunks_submitted < progress.chunks:
                told += f", {progress.chunks_submitted} of {progress.chunks} parts sent"
            if progress.is_catching_up:
                told = "some are not on the lists yet, which are read once more in a while"
                run.progress.show("Looking who arrived", told)
            elif progress.is_verifying:
                run.progress.show("Looking who arrived", "the lists are read back")
            else:
                run.progress.show("Importing", told, progress.percent / 100)
            if run.stop.is_asked:
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
