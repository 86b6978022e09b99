"""`cc-async lists`, `activities` and `quota`: what is there, and how far it has come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs
from rich.console import RenderableType

from cc_async.cli._connect import open_account
from cc_async.cli._exit_codes import ExitCode, of_activities
from cc_async.cli._options import Account
from cc_async.cli._run import Run
from cc_async.cli._texts import page, plain, table
from cc_async.client import ConstantContact
from cc_async.errors import redact
from cc_async.limits import BudgetStatistics
from cc_async.models import Activity, ContactList


async def run_lists(account: Account, run: Run) -> None:
    """Show the account's lists."""
    async with open_account(account, run) as client:
        lists = client.contact_lists.iter(include_membership_count="active")
        run.result = ListsResult([found async for found in lists])


async def run_activities(
    ids: Sequence[str], account: Account, run: Run, *, is_waiting: bool
) -> None:
    """Show bulk jobs, once they have ended if that is asked for."""
    async with open_account(account, run) as client:
        if ids:
            found = [await client.activities.get(activity_id) for activity_id in ids]
        else:
            found = [activity async for activity in client.activities.iter()]
        run.result = ActivitiesResult(found, is_waiting=is_waiting)
        if is_waiting:
            await _wait(found, client, run)


async def _wait(found: list[Activity], client: ConstantContact, run: Run) -> None:
    """Wait for each of *found* in turn, and put it as it is then in its place."""
    for number, activity in enumerate(found):
        if not activity.is_terminal:
            ended = sum(each.is_terminal for each in found)
            run.progress.show("Waiting", f"{ended} of {len(found)} ended", ended / len(found))
            found[number] = await client.activities.wait(activity.activity_id)


async def run_quota(account: Account, run: Run) -> None:
    """Show what is left of today's requests."""
    async with open_account(account, run) as client:
        run.result = QuotaResult(await client.budget.statistics())


@attrs.frozen
class ListsResult:
    """The account's lists."""

    lists: Sequence[ContactList]
    exit_code: ExitCode = ExitCode.DONE
    advice: str = ""

    def to_json(self) -> dict[str, Any]:
        keys = ("list_id", "name", "description", "favorite", "membership_count")
        return {"lists": [{key: getattr(each, key) for key in keys} for each in self.lists]}

    def to_text(self) -> RenderableType:
        if not self.lists:
            return "The account has no lists. `cc-async import --create-lists` makes one."
        rows = [(each.name, each.membership_count or 0, each.list_id) for each in self.lists]
        return table(("Name", "Contacts", "Id"), sorted(rows))


@attrs.frozen
class ActivitiesResult:
    """Bulk jobs of the last ten days."""

    activities: Sequence[Activity]
    is_waiting: bool = attrs.field(kw_only=True)
    advice: str = "The jobs go on at the service; ask again later."

    @property
    def exit_code(self) -> ExitCode:
        return of_activities(self.activities) if self.is_waiting else ExitCode.DONE

    def to_json(self) -> dict[str, Any]:
        return {"activities": [_activity_json(each) for each in self.activities]}

    def to_text(self) -> RenderableType:
        if not self.activities:
            return "There were no bulk jobs in the last ten days."
        header = ("Id", "State", "Done", "Contacts", "Refused", "Kept off", "Created", "File")
        problems = [
            f"{each.activity_id}: {plain(redact(problem))}"
            for each in self.activities
            for problem in each.activity_errors
        ]
        return page(table(header, map(_activity_row, self.activities)), "\n".join(problems))


def _activity_row(activity: Activity) -> tuple[object, ...]:
    status = activity.status
    done = 100 if activity.state == "completed" else activity.percent_done
    return (
        activity.activity_id,
        activity.state,
        "" if done is None else f"{done} %",
        status.person_count,
        (status.error_count or 0) + (status.correctable_count or 0),
        status.cannot_add_to_list_count or 0,
        "" if activity.created_at is None else f"{activity.created_at:%Y-%m-%d %H:%M}",
        activity.source_file_name or "",
    )


def _activity_json(activity: Activity) -> dict[str, Any]:
    keys = (
        "activity_id",
        "state",
        "percent_done",
        "created_at",
        "started_at",
        "completed_at",
        "source_file_name",
    )
    told = {key: getattr(activity, key) for key in keys}
    told["activity_errors"] = [redact(problem) for problem in activity.activity_errors]
    return told | attrs.asdict(activity.status)


@attrs.frozen
class QuotaResult:
    """The application's budget, as counted here."""

    statistics: BudgetStatistics
    exit_code: ExitCode = ExitCode.DONE
    advice: str = ""

    def to_json(self) -> dict[str, Any]:
        keys = ("used", "left", "per_second", "per_day", "resets_at", "closed", "in_flight")
        told = {key: getattr(self.statistics, key) for key in keys}
        waiting = [
            {"lane": each.lane.name.lower(), "account": each.account, "count": each.count}
            for each in self.statistics.waiting
        ]
        return told | {"waiting": waiting}

    def to_text(self) -> RenderableType:
        told = self.statistics
        rows = [
            ("Requests used today", f"{told.used:,}"),
            ("Left today", f"{told.left:,} of {told.per_day:,}"),
            ("At most in a second", f"{told.per_second:,}"),
            ("Starts again at", f"{told.resets_at:%Y-%m-%d %H:%M} UTC"),
            ("On their way now", f"{told.in_flight:,}"),
        ]
        rows += [
            (f"Waiting: {each.lane.name.lower()} {plain(each.account)}".rstrip(), f"{each.count:,}")
            for each in told.waiting
        ]
        closed = "The service says that the day is used up, whatever was counted here."
        return page(table(("", ""), rows), closed if told.closed else "")
