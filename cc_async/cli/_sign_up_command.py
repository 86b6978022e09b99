"""`cc-async sign-up`: the people in a file signed up, one request each."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from cc_async.cli._command_run import CommandRun
from cc_async.cli._connect import custom_fields_of, open_account
from cc_async.cli._estimates import Estimate
from cc_async.cli._options import AccountOptions, SignUpFlags, read_consent
from cc_async.cli._sign_up_results import SignUpDryRunResult, SignUpsResult
from cc_async.cli._texts import count_of
from cc_async.client import ConstantContact
from cc_async.sign_ups import SignUpOptions, SignUpOutcomes
from cc_async.sources import open_source

_CONCURRENCY = 8
"""Requests in flight when a sign-up is resumed; the default of `--concurrency`."""

_GRACE_SECONDS = 10.0
"""Seconds for sign-ups in flight to end when the command is told to stop: most end within one,
and a system that shuts down waits no longer. Chosen here."""


async def run_sign_up(
    file: str,
    lists: Sequence[str],
    suppress: Sequence[Path],
    flags: SignUpFlags,
    account: AccountOptions,
    run: CommandRun,
    *,
    consent: str | None,
    concurrency: int,
    is_dry_run: bool,
) -> None:
    """Sign people up, or do a dry run."""
    run.advice = "No sign-up was sent."
    consent, options = read_consent(consent), flags.to_options()
    open_source(file, options.reading)  # an unreadable file is refused before anything is sent
    fields = custom_fields_of(file, options.reading.mapping) if account.sandbox else ()
    async with open_account(account, run, lists=lists, fields=fields) as client:
        if is_dry_run:
            run.result = await _dry_run(
                file, lists, suppress, options, client, run, concurrency=concurrency
            )
            return
        opening = client.bulk.sign_up(
            file,
            lists=lists,
            consent=consent,
            suppress=suppress,
            concurrency=concurrency,
            options=options,
        )
        await _send(opening, run, options, concurrency)


async def resume_sign_up(client: ConstantContact, job_id: str, run: CommandRun) -> None:
    """Go on with a sign-up that was not finished."""
    opening = client.bulk.resume_sign_up(job_id, concurrency=_CONCURRENCY)
    await _send(opening, run, SignUpOptions(), _CONCURRENCY, is_resumed=True)


async def _send(
    opening: AbstractAsyncContextManager[SignUpOutcomes],
    run: CommandRun,
    options: SignUpOptions,
    concurrency: int,
    *,
    is_resumed: bool = False,
) -> None:
    run.progress.show("Looking up", "people to leave out")
    outcomes = None
    try:
        async with opening as outcomes:
            if outcomes.contacts_before and not is_resumed:
                run.note(f"Going on with sign-up {outcomes.job_id}, which was not finished.")
            await _read(outcomes, run, options, concurrency)
    finally:
        if outcomes is not None and isinstance(run.result, SignUpsResult):
            run.result.report = outcomes.report  # requests that were on their way are counted now
            run.result.in_flight = 0


async def _read(
    outcomes: SignUpOutcomes, run: CommandRun, options: SignUpOptions, concurrency: int
) -> None:
    def wind_down() -> float:
        outcomes.stop()
        return _GRACE_SECONDS

    run.stop.wind_down = wind_down
    run.result = result = SignUpsResult(
        report=outcomes.report,
        rejects=options.rejects,
        outcomes=options.outcomes,
        in_flight=concurrency,
        job_id=outcomes.job_id,
        not_signed_up=list(outcomes.not_signed_up_before),
    )
    async for outcome in outcomes:
        result.add(outcome)
        result.report = report = outcomes.report
        people = count_of(report.created + report.updated, "person", "people")
        bad = report.failed + report.contacts_rejected
        run.progress.show("Signing up", people + (f", {bad:,} failed or rejected" if bad else ""))
    result.is_whole = not run.stop.is_made


async def _dry_run(
    file: str,
    lists: Sequence[str],
    suppress: Sequence[Path],
    options: SignUpOptions,
    client: ConstantContact,
    run: CommandRun,
    *,
    concurrency: int,
) -> SignUpDryRunResult:
    dry_run = await client.bulk.dry_run_sign_up(
        file,
        lists=lists,
        suppress=suppress,
        concurrency=concurrency,
        options=options,
        on_read=lambda count: run.progress.show("Reading", count_of(count, "row")),
    )
    budget = await client.budget.statistics()
    return SignUpDryRunResult(
        dry_run,
        Estimate("sign_up", dry_run.plans, budget),
        is_protecting=bool(options.protect),
        rejects=options.rejects,
    )
