"""`cc-async lists`, `activities` and `quota`; `whoami` is tested with `login`."""

import datetime as dt
import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from cc_async.cli._account_commands import ActivitiesResult, _time_of
from cc_async.models import Activity
from cc_async.sandbox import Sandbox
from tests.support.command import PEOPLE, call, written


def test_lists_are_shown(sandbox: Sandbox) -> None:
    """Lists come with name, contacts and id, for people and for programs."""
    ids = {each.name: each.list_id for each in sandbox.contact_lists}
    ended = call("lists")
    assert ended.code == 0
    assert re.search(rf"^Customers +0 +{ids['Customers']}$", ended.out, re.MULTILINE)
    shown = call("lists", "--json").json
    assert {each["name"]: each["list_id"] for each in shown["lists"]} == ids


def test_activities_are_shown_and_waited_for(sandbox: Sandbox, tmp_path: Path) -> None:
    """Activities are listed; --wait waits for them and its exit code says how they ended."""
    call("import", written(tmp_path, PEOPLE), "--list", "Newsletter")
    (activity,) = sandbox.activities
    ended = call("activities")
    assert ended.code == 0
    assert activity.activity_id in ended.out
    assert "completed" in ended.out
    waited = call("activities", activity.activity_id, "--wait", "--json")
    assert (waited.code, waited.json["activities"][0]["person_count"]) == (0, 2)
    sandbox.fail()
    call("import", written(tmp_path, PEOPLE), "--list", "Newsletter")
    assert call("activities").code == 0
    assert call("activities", "--wait").code == 5
    assert "The file could not be read." in call("activities").out
    assert call("activities", "00000000-0000-0000-0000-000000000000").code == 2


def test_the_quota_costs_nothing(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The rest of the day is counted here, across runs, without a request."""
    monkeypatch.delenv("CC_ASYNC_STORE")
    home = ("--home", str(tmp_path / "state"))
    call("lists", *home)
    ended = call("quota", "--json", *home)
    assert ended.code == 0
    assert (ended.json["used"], ended.json["left"]) == (1, 9_999)
    assert "9,999 of 10,000" in call("quota", *home).out
    assert len(sandbox.received) == 1
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("claim", [10**30, -(10**30), 10**15, "1790000000", 1.5, None, []])
def test_the_end_of_a_token_that_is_no_time_is_not_shown(claim: object) -> None:
    """`whoami` shows the rest of a token with an odd claim."""
    assert _time_of(claim) is None


def test_the_end_of_a_token_is_shown_in_utc() -> None:
    """The claim `exp` counts seconds since the epoch."""
    assert _time_of(1_790_000_000) == dt.datetime(2026, 9, 21, 14, 13, 20, tzinfo=dt.UTC)


def test_errors_of_an_activity_are_shown_and_those_left_out_are_counted() -> None:
    """Text and JSON have the errors that were kept, without addresses, and the number of others."""
    activity = Activity(
        "a1", "failed", activity_errors=("ann@example.com is odd",), errors_left_out=1_200
    )
    result = ActivitiesResult([activity], is_waiting=False)
    (found,) = result.to_json()["activities"]
    assert (found["activity_errors"], found["errors_left_out"]) == (["<address> is odd"], 1_200)
    console = Console(file=io.StringIO(), width=200)
    console.print(result.to_text())
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "a1: <address> is odd\na1: and 1,200 more\n" in text
