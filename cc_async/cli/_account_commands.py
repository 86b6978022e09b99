"""`cc-async lists`, `activities`, `quota` and `whoami`: contents and rights of an account."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import attrs
from rich.console import RenderableType

from cc_async.auth import GrantStatus, StoredGrant, claims_of
from cc_async.cli._command_run import CommandRun
from cc_async.cli._connect import open_account
from cc_async.cli._exit_codes import ExitCode, of_activities
from cc_async.cli._options import AccountOptions
from cc_async.cli._texts import paragraphs, printable, renewal_text, table
from cc_async.client import ConstantContact
from cc_async.errors import PermissionDeniedError, redact
from cc_async.limits import BudgetStatistics
from cc_async.models import Account, Activity, ContactList

_NEEDED_SCOPES = ("contact_data",)
_NEEDED_PRIVILEGES = (
    "contacts:read",
    "contacts:write",
    "contacts:lists:read",
    "contacts:lists:write",
)


# --- lists ------------------------------------------------------------------------------------


async def run_lists(account: AccountOptions, run: CommandRun) -> None:
    """Show the account's lists."""
    async with open_account(account, run) as client:
        lists = client.contact_lists.iter(include_membership_count="active")
        run.result = ListsResult([found async for found in lists])


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


# --- activities -------------------------------------------------------------------------------


async def run_activities(
    ids: Sequence[str], account: AccountOptions, run: CommandRun, *, is_waiting: bool
) -> None:
    """Show activities; wait for their end first where that is asked for."""
    async with open_account(account, run) as client:
        if ids:
            found = [await client.activities.get(activity_id) for activity_id in ids]
        else:
            found = [activity async for activity in client.activities.iter()]
        run.result = ActivitiesResult(found, is_waiting=is_waiting)
        if is_waiting:
            await _wait(found, client, run)


async def _wait(found: list[Activity], client: ConstantContact, run: CommandRun) -> None:
    """Wait for each of *found* in turn, and replace it by its last state."""
    for number, activity in enumerate(found):
        if not activity.is_terminal:
            ended = sum(each.is_terminal for each in found)
            run.progress.show("Waiting", f"{ended} of {len(found)} ended", ended / len(found))
            found[number] = await client.activities.wait(activity.activity_id)


@attrs.frozen
class ActivitiesResult:
    """Activities of the last ten days."""

    activities: Sequence[Activity]
    is_waiting: bool = attrs.field(kw_only=True)
    advice: str = "The activities go on at the service; ask again later."

    @property
    def exit_code(self) -> ExitCode:
        return of_activities(self.activities) if self.is_waiting else ExitCode.DONE

    def to_json(self) -> dict[str, Any]:
        return {"activities": [_activity_json(each) for each in self.activities]}

    def to_text(self) -> RenderableType:
        if not self.activities:
            return "There were no activities in the last ten days."
        header = ("Id", "State", "Done", "Contacts", "Refused", "Kept off", "Created", "File")
        problems = [
            f"{each.activity_id}: {printable(redact(problem))}"
            for each in self.activities
            for problem in each.activity_errors
        ]
        problems += [
            f"{each.activity_id}: and {each.errors_left_out:,} more"
            for each in self.activities
            if each.errors_left_out
        ]
        return paragraphs(table(header, map(_activity_row, self.activities)), "\n".join(problems))


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
    values = {key: getattr(activity, key) for key in keys}
    values["activity_errors"] = [redact(problem) for problem in activity.activity_errors]
    values["errors_left_out"] = activity.errors_left_out
    return values | attrs.asdict(activity.status)


# --- quota ------------------------------------------------------------------------------------


async def run_quota(account: AccountOptions, run: CommandRun) -> None:
    """Show the requests that are left today."""
    async with open_account(account, run) as client:
        run.result = QuotaResult(await client.budget.statistics())


@attrs.frozen
class QuotaResult:
    """The application's budget, as counted here."""

    statistics: BudgetStatistics
    exit_code: ExitCode = ExitCode.DONE
    advice: str = ""

    def to_json(self) -> dict[str, Any]:
        keys = ("used", "left", "per_second", "per_day", "resets_at", "closed", "in_flight")
        waiting = [
            {"lane": each.lane.name.lower(), "account": each.account, "count": each.count}
            for each in self.statistics.waiting
        ]
        return {key: getattr(self.statistics, key) for key in keys} | {"waiting": waiting}

    def to_text(self) -> RenderableType:
        budget = self.statistics
        rows = [
            ("Requests used today", f"{budget.used:,}"),
            ("Left today", f"{budget.left:,} of {budget.per_day:,}"),
            ("At most in a second", f"{budget.per_second:,}"),
            ("Starts again at", f"{budget.resets_at:%Y-%m-%d %H:%M} UTC"),
            ("In flight now", f"{budget.in_flight:,}"),
        ]
        rows += [
            (
                f"Waiting: {each.lane.name.lower()} {printable(each.account)}".rstrip(),
                f"{each.count:,}",
            )
            for each in budget.waiting
        ]
        closed = "The service says that the day is used up, although fewer were counted here."
        return paragraphs(table(("", ""), rows), closed if budget.closed else "")


# --- whoami -----------------------------------------------------------------------------------


async def run_whoami(account: AccountOptions, run: CommandRun) -> None:
    """Show the account, and the scopes and privileges of token and user."""
    async with open_account(account, run) as client:
        privileges = [each.privilege_name for each in await client.account.privileges()]
        scopes = await client.account.scopes()
        details, denial = await _account_details(client)
        expires_at = claims_of(await client.tokens.token()).get("exp")
        status = None
        if isinstance(client.tokens, StoredGrant):
            status = await client.tokens.status()
    at = _time_of(expires_at)
    run.result = WhoamiResult(details, denial, scopes, sorted(privileges), at, status)


def _time_of(claim: object) -> dt.datetime | None:
    """Return the time that a claim of a token says; one that is no time is `None`."""
    try:
        return dt.datetime.fromtimestamp(claim, dt.UTC) if isinstance(claim, int) else None
    except (ValueError, OverflowError, OSError):
        return None


async def _account_details(client: ConstantContact) -> tuple[Account | None, str]:
    """Return the account, or the reason for a denial."""
    try:
        return await client.account.get(), ""
    except PermissionDeniedError as error:
        return None, error.hint


@attrs.frozen
class WhoamiResult:
    """The account and rights of a token; *denial* is the reason why *account* is missing."""

    account: Account | None
    denial: str
    scopes: Sequence[str] | None
    privileges: Sequence[str]
    token_expires_at: dt.datetime | None
    status: GrantStatus | None
    exit_code: ExitCode = ExitCode.DONE
    advice: str = ""

    @property
    def missing(self) -> list[str]:
        """The scopes and privileges that imports and sign-ups need and the token lacks."""
        scopes = _NEEDED_SCOPES if self.scopes is None else self.scopes
        lacking = [f"scope {name}" for name in _NEEDED_SCOPES if name not in scopes]
        return lacking + [
            f"privilege {name}" for name in _NEEDED_PRIVILEGES if name not in self.privileges
        ]

    def to_json(self) -> dict[str, Any]:
        account, status = self.account, self.status
        return {
            "account_id": account and account.encoded_account_id,
            "organization_name": account and account.organization_name,
            "profile": status and status.profile,
            "client_id": status and status.client_id,
            "scopes": self.scopes,
            "privileges": self.privileges,
            "missing": self.missing,
            "token_expires_at": self.token_expires_at,
            "grant_expires_at": status and status.grant_expires_at,
            "is_renewable": status and status.is_renewable,
        }

    def to_text(self) -> RenderableType:
        rows = [("Account", self._name()), *self._sign_in_rows()]
        scopes = "not named by the token" if self.scopes is None else " ".join(self.scopes)
        rows += [("Scopes", scopes), ("Privileges", self._privileges())]
        if self.token_expires_at is not None:
            rows.append(("Token ends", f"{self.token_expires_at:%Y-%m-%d %H:%M} UTC"))
        missing = "".join(f"Missing for imports: the {each}.\n" for each in self.missing)
        ending = renewal_text(self.status) if self.status is not None else ""
        return paragraphs(table(("", ""), rows), ending, missing.rstrip())

    def _name(self) -> str:
        if self.account is None:
            return self.denial
        names = (self.account.organization_name, self.account.encoded_account_id)
        return ", ".join(filter(None, names)) or "without a name"

    def _sign_in_rows(self) -> list[tuple[str, str]]:
        if self.status is None:
            return [("Signed in", "no; the token comes from the environment")]
        rows = [("Signed in", f"{self.status.signed_in_at:%Y-%m-%d} as {self.status.profile!r}")]
        rows.append(("Application", self.status.client_id))
        if self.status.grant_expires_at is not None:
            rows.append(("Ends, if unused, on", f"{self.status.grant_expires_at:%Y-%m-%d}"))
        return rows

    def _privileges(self) -> str:
        held = [name for name in _NEEDED_PRIVILEGES if name in self.privileges]
        others = len(self.privileges) - len(held)
        return " ".join(held) + (f" and {others} others" if others else "")
