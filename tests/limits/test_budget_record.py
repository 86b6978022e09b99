"""The steps of a budget's record, called with the time."""

from __future__ import annotations

import json
from pathlib import Path

import orjson
import pytest

from cc_async.errors import DailyQuotaError
from cc_async.limits import Lane, PermitResult
from cc_async.limits._budget_record import (
    BudgetRecord,
    PermitRequest,
    note_heartbeat,
    pruned,
    release_permit,
    request_permit,
    withdraw,
)
from cc_async.limits._request_limits import RequestLimits

NOON = 20_000 * 86_400.0 + 43_200.0
SAMPLE = Path(__file__).parents[1] / "samples" / "budget-record.json"


class Keeper:
    """A record, and the processes that ask it for permits."""

    def __init__(
        self, *, per_second: int = 4, per_day: int | None = 10_000, reserve: float = 0.0
    ) -> None:
        self.limits = RequestLimits(per_second, per_day, reserve)
        self.record: BudgetRecord | None = None
        self.came: dict[str, float] = {}
        self.granted: dict[str, float] = {}

    def ask(
        self, now: float, permit: str, lane: Lane = Lane.INTERACTIVE, account: str = ""
    ) -> float:
        waited = now - self.came.setdefault(permit, now)
        request = PermitRequest(permit, permit.partition("-")[0], lane, account, waited, [])
        self.record, wait = request_permit(self.record, now, self.limits, request)
        if not wait:
            self.granted[permit] = now
        return wait

    def release(self, now: float, permit: str, result: PermitResult = "answered") -> None:
        granted = self.granted[permit]
        self.record = release_permit(self.record, now, self.limits, permit, granted, result)

    def withdraw(self, now: float, process: str, permit: str = "") -> None:
        self.record = withdraw(self.record, now, process, permit)

    def used(self, now: float) -> int:
        return pruned(self.record, now)["used"]

    def fill(self, now: float, process: str = "a") -> None:
        for number in range(self.limits.per_second):
            assert self.ask(now, f"{process}-{number}") == 0.0

    def learn_round_trip(self, seconds: float) -> float:
        """Let 64 requests take *seconds* each, and return the time after them."""
        now = NOON
        for number in range(64):
            assert self.ask(now, f"a-{number}") == 0.0
            self.release(now + seconds, f"a-{number}")
            now += 2.0
        return now


def test_a_slot_cools_down_for_a_second_after_its_reply() -> None:
    """A slot is free again one second and a small guard after its reply, not after its sending."""
    keeper = Keeper()
    keeper.fill(NOON)
    keeper.release(NOON + 0.3, "a-0")
    assert keeper.ask(NOON + 0.5, "a-4") == pytest.approx(0.805)
    assert keeper.ask(NOON + 1.305, "a-4") == 0.0


def test_without_replies_no_request_follows() -> None:
    """While no reply has come, no permit is granted, however long that takes."""
    keeper = Keeper()
    keeper.fill(NOON)
    for later in range(1, 100):
        assert keeper.ask(NOON + later, f"a-{later + 3}") > 0.0


def test_the_least_round_trip_is_taken_off() -> None:
    """Once enough replies were seen, their least round trip shortens the rest of a slot."""
    keeper = Keeper()
    now = keeper.learn_round_trip(0.2)
    keeper.fill(now)
    keeper.release(now + 0.2, "a-0")
    assert keeper.ask(now + 0.2, "a-9") == pytest.approx(0.805, abs=0.001)


def test_a_quicker_reply_counts_at_once() -> None:
    """A round trip below the least known makes the very next slot rest longer."""
    keeper = Keeper()
    now = keeper.learn_round_trip(0.2)
    keeper.fill(now)
    keeper.release(now + 0.05, "a-0")
    assert keeper.ask(now + 0.05, "a-9") == pytest.approx(0.955, abs=0.001)


def test_a_cold_start_is_not_the_least_round_trip() -> None:
    """The first second's requests also make connections, so the least round trip stays unknown."""
    keeper = Keeper(per_second=40)
    keeper.fill(NOON)
    for number in range(40):
        keeper.release(NOON + 0.2, f"a-{number}")
    assert keeper.ask(NOON + 0.3, "a-40") == pytest.approx(0.905, abs=0.03)


def test_bulk_work_leaves_a_gap() -> None:
    """Bulk work does not take all slots at one moment; interactive calls may."""
    keeper = Keeper()
    assert keeper.ask(NOON, "a-0", Lane.BULK) == 0.0
    assert keeper.ask(NOON, "a-1", Lane.BULK) == pytest.approx(0.03125)
    assert keeper.ask(NOON, "a-2", Lane.INTERACTIVE) == 0.0


def test_a_higher_lane_of_another_process_goes_first() -> None:
    """A free slot goes to the process with the most urgent waiter."""
    keeper = Keeper(per_second=1)
    keeper.fill(NOON)
    keeper.release(NOON, "a-0")
    assert keeper.ask(NOON + 0.1, "b-0", Lane.BULK) > 0.0
    assert keeper.ask(NOON + 0.2, "c-0", Lane.INTERACTIVE) > 0.0
    assert keeper.ask(NOON + 1.01, "b-0", Lane.BULK) > 0.0
    assert keeper.ask(NOON + 1.01, "c-0", Lane.INTERACTIVE) == 0.0


def test_accounts_of_processes_take_turns() -> None:
    """Between processes, the account with the oldest latest permit goes first."""
    keeper = Keeper(per_second=1)
    now, order = NOON, []
    keeper.ask(now, "a-0", account="big")
    keeper.release(now, "a-0")
    for number in range(1, 5):
        now += 0.5
        for process, account in (("a", "big"), ("b", "big"), ("c", "small")):
            keeper.ask(now, f"{process}-{number}", account=account)
        now += 0.52
        for process, account in (("a", "big"), ("b", "big"), ("c", "small")):
            if keeper.ask(now, f"{process}-{number}", account=account) == 0.0:
                order.append(account)
                keeper.release(now, f"{process}-{number}")
    assert order == ["big", "small", "big", "small"]


def test_a_process_late_for_its_turn_is_passed_over() -> None:
    """A process that does not come back in time loses its place."""
    keeper = Keeper(per_second=1)
    keeper.fill(NOON)
    keeper.release(NOON, "a-0")
    wait = keeper.ask(NOON + 0.1, "b-0")
    assert keeper.ask(NOON + 0.2, "c-0") > 0.0
    back = NOON + 0.1 + wait
    assert keeper.ask(back + 0.2, "c-0") == pytest.approx(0.05, abs=0.001)
    assert keeper.ask(back + 0.26, "c-0") == 0.0


def test_a_silent_process_loses_its_permits() -> None:
    """Permits of a silent process are free again after three seconds."""
    keeper = Keeper()
    keeper.fill(NOON, "dead")
    assert keeper.ask(NOON + 2.9, "b-0") > 0.0
    assert keeper.ask(NOON + 3.1, "b-0") == 0.0


def test_a_heartbeat_keeps_the_permits_of_a_process() -> None:
    """A process that only sends heartbeats keeps its permits."""
    keeper = Keeper()
    keeper.fill(NOON, "slow")
    keeper.record = note_heartbeat(keeper.record, NOON + 2.0, "slow")
    assert keeper.ask(NOON + 4.0, "b-0") > 0.0


def test_the_slot_of_a_late_reply_cools_down_all_the_same() -> None:
    """A reply to a permit that counted as lost still keeps a slot for its second."""
    keeper = Keeper()
    keeper.fill(NOON, "slow")
    for number in range(3):
        assert keeper.ask(NOON + 4.0, f"b-{number}") == 0.0
    keeper.release(NOON + 4.0, "slow-0")
    assert keeper.ask(NOON + 4.1, "b-4") > 0.0


def test_a_permit_never_released_comes_back() -> None:
    """A permit that a living process never gives back is free again after two minutes."""
    keeper = Keeper(per_second=1)
    keeper.fill(NOON)
    assert keeper.ask(NOON + 119.0, "a-5") > 0.0
    assert keeper.ask(NOON + 121.0, "a-5") == 0.0


def test_after_a_lost_reply_a_slot_rests_for_a_full_second() -> None:
    """Where no reply came, no round trip is taken off the second."""
    keeper = Keeper(per_second=1)
    now = keeper.learn_round_trip(0.2)
    assert keeper.ask(now, "a-64") == 0.0
    keeper.release(now + 10.0, "a-64", "lost")
    assert keeper.ask(now + 10.0, "a-65") == pytest.approx(1.005)


def test_refusals_in_a_row_slow_down_more_and_more() -> None:
    """Each refusal after a pause doubles the next one; those already in flight count once."""
    keeper = Keeper()
    keeper.fill(NOON)
    keeper.release(NOON + 0.1, "a-0", "throttled")
    keeper.release(NOON + 0.2, "a-1", "throttled")
    assert keeper.ask(NOON + 0.2, "a-9") == pytest.approx(0.905)
    assert keeper.ask(NOON + 1.2, "a-9") == 0.0
    keeper.release(NOON + 1.3, "a-9", "throttled")
    assert keeper.ask(NOON + 1.3, "a-10") == pytest.approx(2.0)


def test_the_day_is_counted_and_begins_at_midnight() -> None:
    """Requests count for their UTC day; the next day begins with those still in flight."""
    keeper = Keeper(per_day=3)
    late = NOON + 43_199.0
    for number in range(3):
        assert keeper.ask(late, f"a-{number}") == 0.0
    with pytest.raises(DailyQuotaError):
        keeper.ask(late, "a-3")
    keeper.release(late + 0.1, "a-0")
    assert keeper.used(late + 1.1) == 2
    assert keeper.ask(late + 1.2, "a-3") == 0.0


def test_the_reserve_stops_bulk_work_only() -> None:
    """Bulk work stops at the reserved share of a day; interactive calls go on."""
    keeper = Keeper(per_day=4, reserve=0.5)
    keeper.ask(NOON, "a-0", Lane.BULK)
    keeper.ask(NOON + 1, "a-1", Lane.BULK)
    with pytest.raises(DailyQuotaError):
        keeper.ask(NOON + 2, "a-2", Lane.BULK)
    assert keeper.ask(NOON + 2, "a-2", Lane.INTERACTIVE) == 0.0


def test_a_refusal_of_yesterday_does_not_close_today() -> None:
    """A refusal for the day, of a request sent before midnight, says nothing about the new day."""
    keeper = Keeper()
    late = NOON + 43_199.9
    keeper.ask(late, "a-0")
    keeper.release(late + 0.3, "a-0", "quota_exceeded")
    assert keeper.ask(late + 0.4, "a-1") == 0.0


def test_just_after_midnight_the_day_is_closed_for_a_minute() -> None:
    """A clock a little ahead of the service's does not close the whole new day."""
    keeper = Keeper()
    early = NOON + 43_201.0
    keeper.ask(early, "a-0")
    keeper.release(early + 0.1, "a-0", "quota_exceeded")
    with pytest.raises(DailyQuotaError) as caught:
        keeper.ask(early + 1.0, "a-1")
    assert caught.value.resets_at.timestamp() == pytest.approx(early + 60.1)
    assert keeper.ask(early + 61.0, "a-1") == 0.0


@pytest.mark.parametrize("jump", [-86_400.0 * 400, -3600.0, -0.5, 3600.0])
def test_a_clock_that_jumps_costs_at_most_a_second(jump: float) -> None:
    """After a jump of the clock, either way, the next permit is at most a second off."""
    keeper = Keeper()
    keeper.fill(NOON)
    for number in range(4):
        keeper.release(NOON + 0.1, f"a-{number}")
    wait = keeper.ask(NOON + 0.1 + jump, "a-4")
    assert wait <= 1.006
    assert keeper.ask(NOON + 0.1 + jump + wait, "a-4") == 0.0


@pytest.mark.parametrize("jump", [-86_400.0 * 3, -3600.0])
def test_a_pause_ends_soon_after_the_clock_was_put_back(jump: float) -> None:
    """A pause that was set by a clock ahead of its time lasts a second from the true one."""
    keeper = Keeper()
    keeper.ask(NOON, "a-0")
    keeper.release(NOON + 0.1, "a-0", "throttled")
    assert keeper.ask(NOON + jump, "a-1") <= 1.006
    assert keeper.ask(NOON + jump + 1.006, "a-1") == 0.0
    keeper.release(NOON + jump + 1.1, "a-1", "throttled")
    assert keeper.ask(NOON + jump + 1.2, "a-2") > 0.5  # and the next refusal counts again


def test_a_gap_ends_soon_after_the_clock_was_put_back() -> None:
    """The gap of bulk work is no longer than ever when the clock was put back."""
    keeper = Keeper()
    keeper.ask(NOON, "a-0", Lane.BULK)
    assert keeper.ask(NOON - 3600.0, "a-1", Lane.BULK) <= 1.006


def test_the_queue_begins_anew_when_the_clock_was_put_back() -> None:
    """Places and turns from a clock ahead of its time are forgotten."""
    keeper = Keeper(per_second=1)
    keeper.fill(NOON)
    keeper.release(NOON + 0.1, "a-0")
    assert keeper.ask(NOON + 0.2, "b-0", account="b") > 0.0
    assert keeper.ask(NOON + 0.2, "c-0", account="c") > 0.0
    assert keeper.ask(NOON + 1.2, "b-0", account="b") == 0.0
    now = NOON - 3600.0
    assert keeper.ask(now, "c-0", account="c") <= 1.006
    assert keeper.record is not None
    assert set(keeper.record["tickets"]) == {"c"}
    assert keeper.record["served"] == {}


def test_a_clock_put_back_while_a_request_is_in_flight() -> None:
    """A reply that seems to come before its request says nothing about the network."""
    keeper = Keeper()
    now = keeper.learn_round_trip(0.2)
    keeper.ask(now, "a-65")
    keeper.release(now - 0.5, "a-65")
    assert keeper.record is not None
    assert keeper.record["round_trips"]["least"] == pytest.approx(0.2)


def test_a_clock_put_back_over_midnight_finds_its_count() -> None:
    """A day that begins a second time goes on from its own count."""
    keeper = Keeper()
    for number in range(3):
        keeper.ask(NOON, f"a-{number}")
    keeper.record = pruned(keeper.record, NOON + 86_400.0)
    assert keeper.used(NOON) == 3


def test_a_killed_process_does_not_count_as_waiting() -> None:
    """A silent process leaves the queue within seconds."""
    keeper = Keeper(per_second=1)
    keeper.fill(NOON)
    keeper.ask(NOON + 0.1, "b-0")
    for second in range(1, 6):
        keeper.ask(NOON + second, "a-1")
    assert keeper.record is not None
    assert "b" not in keeper.record["tickets"]


def test_a_killed_process_wastes_at_most_one_permit() -> None:
    """A killed process costs one request of the day, and one slot for some seconds."""
    keeper = Keeper()
    keeper.ask(NOON, "dead-0", Lane.BULK)
    keeper.ask(NOON + 0.01, "dead-1", Lane.BULK)  # its next waiter: refused for now, then killed
    sent, now = 0, NOON + 0.1
    while now < NOON + 10.0:
        wait = keeper.ask(now, f"b-{sent}")
        if not wait:
            keeper.release(now, f"b-{sent}")
            sent += 1
        now += wait or 0.001
    assert sent >= 4 * 9 - 4
    assert keeper.used(now) == sent + 1


def test_withdrawn_permits_were_never_used() -> None:
    """A permit granted to a task that had gone is free again and not counted."""
    keeper = Keeper(per_second=1)
    keeper.fill(NOON)
    keeper.withdraw(NOON, "a", "a-0")
    assert keeper.used(NOON) == 0
    assert keeper.ask(NOON, "b-0") == 0.0


def test_the_record_is_plain_json() -> None:
    """A record comes back from JSON unchanged."""
    keeper = Keeper()
    keeper.fill(NOON)
    keeper.release(NOON + 0.1, "a-0")
    keeper.ask(NOON + 0.2, "b-0", Lane.BULK, "account")
    stored = orjson.dumps(keeper.record)
    keeper.record = orjson.loads(stored)
    assert orjson.dumps(keeper.record) == stored
    assert keeper.ask(NOON + 1.2, "b-0", Lane.BULK, "account") == 0.0


def test_a_record_of_today_s_format_goes_on() -> None:
    """A stored record of this format has all keys of a new one, and goes on from its counts."""
    stored = json.loads(SAMPLE.read_text())
    assert set(stored) == set(pruned(None, NOON))
    keeper = Keeper()
    keeper.record = stored
    assert keeper.used(stored["updated_at"]) == stored["used"] > 0
    assert keeper.ask(stored["updated_at"] + 0.01, "c-0") > 0.0
