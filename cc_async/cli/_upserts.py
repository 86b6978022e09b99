"""`cc-async upsert`: everybody in a file signed up, one request each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import attrs

from cc_async.cli._connect import open_account
from cc_async.cli._estimates import Estimate
from cc_async.cli._local_sandbox import field_labels
from cc_async.cli._options import (
    Account,
    check_place,
    read_consent,
    read_mapping,
    read_protection,
)
from cc_async.cli._run import Run
from cc_async.cli._texts import count_of
from cc_async.cli._upsert_results import UpsertRehearsal, UpsertResult
from cc_async.client import ConstantContact, plans_for_sign_up
from cc_async.lookups import SuppressionKind
from cc_async.sign_ups import SignUpOutcomes
from cc_async.sources import ReadingOptions, open_source

_CONCURRENCY = 8

_GRACE = 10.0
"""Seconds that sign-ups on their way get to end when the command is told to stop."""


@attrs.frozen
class UpsertWish:
    """What the command line asks for."""

    file: str
    lists: tuple[str, ...]
    consent: str = attrs.field(converter=read_consent)
    concurrency: int
    protect: Sequence[SuppressionKind] = attrs.field(converter=read_protection)
    mapping: dict[str, str] = attrs.field(converter=read_mapping)
    encoding: str | None
    rejects: Path | None
    is_rehearsal: bool


async def run_upsert(wish: UpsertWish, account: Account, run: Run) -> None:
    """Sign everybody up, or rehearse it."""
    check_place(wish.rejects, "--rejects")
    run.advice = "Nobody was signed up."
    open_source(
        wish.file, ReadingOptions(encoding=wish.encoding)
    )  # says at once what is wrong with it
    fields = field_labels(wish.file, wish.mapping) if account.sandbox else ()
    async with open_account(account, run, lists=wish.lists, fields=fields) as client:
        if wish.is_rehearsal:
            run.result = await _rehearsed(wish, client, run)
            return
        run.progress.show("Looking up", "who must be left alone")
        async with client.bulk.sign_up(
            wish.file,
            lists=wish.lists,
            consent=wish.consent,
            protect=wish.protect,
            concurrency=wish.concurrency,
            encoding=wish.encoding,
            mapping=wish.mapping,
            rejects=wish.rejects,
        ) as outcomes:
            if outcomes.contacts_before:
                run.note(f"Going on with sign-up {outcomes.job_id}, which was not finished.")
            await _sign_up(outcomes, run, wish.rejects, wish.concurrency)


async def resume_upsert(client: ConstantContact, job_id: str, run: Run) -> None:
    """Go on with a sign-up that was not finished."""
    run.progress.show("Looking up", "who must be left alone")
    async with client.bulk.resume_sign_up(job_id, concurrency=_CONCURRENCY) as outcomes:
        await _sign_up(outcomes, run, None, _CONCURRENCY)


async def _sign_up(
    outcomes: SignUpOutcomes, run: Run, rejects: Path | None, concurrency: int
) -> None:
    def wind_down() -> float:
        outcomes.stop()
        return _GRACE

    run.stop.wind_down = wind_down
    run.result = result = UpsertResult(
        report=outcomes.report,
        rejects=rejects,
        in_flight=concurrency,
        job_id=outcomes.job_id,
        failed=list(outcomes.failed_before),
    )
    try:
        async for outcome in outcomes:
            result.add(outcome)
            report = outcomes.report
            people = count_of(report.created + report.updated, "person", "people")
            bad = report.failed + report.contacts_rejected
            run.progress.show(
                "Signing up", people + (f", {bad:,} failed or rejected" if bad else "")
            )
    except Exception:
        result.in_flight = 0  # the outcomes of all that was begun have come before the error
        raise
    else:
        result.in_flight = 0
        result.is_whole = not run.stop.is_asked
    finally:
        result.report = outcomes.report


async def _rehearsed(wish: UpsertWish, client: ConstantContact, run: Run) -> UpsertRehearsal:
    told = await client.bulk.rehearse_sign_ups(
        wish.file,
        lists=wish.lists,
        protect=wish.protect,
        encoding=wish.encoding,
        mapping=wish.mapping,
        rejects=wish.rejects,
        on_read=lambda count: run.progress.show("Reading", count_of(count, "row")),
    )
    budget = await client.budget.statistics()
    now = dt.datetime.now(dt.UTC)
    plans = plans_for_sign_up(told, budget, now, concurrency=wish.concurrency)
    estimate = Estimate("sign_up", plans, budget)
    return UpsertRehearsal(told, estimate, bool(wish.protect), wish.rejects)
