"""The budget's pure steps, called with the time."""

from __future__ import annotations

import orjson
import pytest

from cc_async.errors import DailyQuotaError
from cc_async.limits import _trips
from cc_async.limits._budget import Ask, State, answer, ask, settled, withdraw
from cc_async.limits._rules import Lane, Rules, Verdict

NOON = 20_000 * 86_400.0 + 43_200.0
RULES = Rules()


class Book:
    """A record, and whoever asks it."""

    def __init__(self, rules: Rules = RULES) -> None:
        self.rules = rules
        self.state: State | None = None
        self.came: dict[str, float] = {}
        self.granted: dict[str, float] = {}

    def ask(self, now: float, turn: str, lane: Lane = Lane.INTERACTIVE, account: str = "") -> float:
        waited = now - self.came.setdefault(turn, now)
        who = Ask(turn, turn.partition("-")[0], lane, account, waited, [])
        self.state, wait = ask(self.state, now, self.rules, who)
        if not wait:
            self.granted[turn] = now
        return wait

    def answer(self, now: float, turn: str, verdict: Verdict = "answered") -> None:
        self.state = answer(self.state, now, self.rules, turn, self.granted[turn], verdict)

    def withdraw(self, now: float, process: str, turn: str = "") -> None:
        self.state = withdraw(self.state, now, self.rules, process, turn)

    def used(self, now: float) -> int:
        return settled(self.state, now, self.rules)["used"]

    def fill(self, now: float, process: str = "a") -> None:
        for number in range(self.rules.per_second):
            assert self.ask(now, f"{process}-{number}") == 0.0


def test_a_slot_rests_a_second_from_its_reply() -> None:
    """A slot is free again one second and a small guard after its reply, not after its sending."""
    book = Book()
    book.fill(NOON)
    book.answer(NOON + 0.3, "a-0")
    assert book.ask(NOON + 0.5, "a-4") == pytest.approx(0.805)
    assert book.ask(NOON + 1.305, "a-4") == 0.0


def test_without_replies_nobody_goes_on() -> None:
    """While no reply has come, nothing more is sent, however long that takes."""
    book = Book()
    book.fill(NOON)
    for later in range(1, 100):
        assert book.ask(NOON + later, f"a-{later + 3}") > 0.0


def test_the_least_round_trip_is_taken_off() -> None:
    """Once enough replies were seen, their least round trip shortens a slot's rest."""
    book = Book()
    now = NOON
    for number in range(64):
        assert book.ask(now, f"a-{number}") == 0.0
        book.answer(now + 0.2, f"a-{number}")
        now += 2.0
    book.fill(now)
    book.answer(now + 0.2, "a-0")
    assert book.ask(now + 0.2, "a-9") == pytest.approx(0.805, abs=0.001)


def test_bulk_keeps_a_gap() -> None:
    """Bulk work does not take all slots at one moment; interactive calls may."""
    book = Book()
    assert book.ask(NOON, "a-0", Lane.BULK) == 0.0
    assert book.ask(NOON, "a-1", Lane.BULK) == pytest.approx(0.03125)
    assert book.ask(NOON, "a-2", Lane.INTERACTIVE) == 0.0


def test_a_higher_lane_of_another_process_goes_first() -> None:
    """A free slot goes to the process with the most urgent waiter."""
    book = Book(Rules(per_second=1))
    book.fill(NOON)
    book.answer(NOON, "a-0")
    assert book.ask(NOON + 0.1, "b-0", Lane.BULK) > 0.0
    assert book.ask(NOON + 0.2, "c-0", Lane.INTERACTIVE) > 0.0
    assert book.ask(NOON + 1.01, "b-0", Lane.BULK) > 0.0
    assert book.ask(NOON + 1.01, "c-0", Lane.INTERACTIVE) == 0.0


def test_accounts_of_processes_take_turns() -> None:
    """Between processes, the account that was served longest ago goes first."""
    book = Book(Rules(per_second=1))
    now, order = NOON, []
    book.ask(now, "a-0", account="big")
    book.answer(now, "a-0")
    for number in range(1, 5):
        now += 0.5
        for process, account in (("a", "big"), ("b", "big"), ("c", "small")):
            book.ask(now, f"{process}-{number}", account=account)
        now += 0.52
        for process, account in (("a", "big"), ("b", "big"), ("c", "small")):
            if book.ask(now, f"{process}-{number}", account=account) == 0.0:
                order.append(account)
                book.answer(now, f"{process}-{number}")
    assert order == ["big", "small", "big", "small"]


def test_a_process_late_for_its_turn_is_passed_over() -> None:
    """A process that does not come back when it meant to loses its place."""
    book = Book(Rules(per_second=1))
    book.fill(NOON)
    book.answer(NOON, "a-0")
    wait = book.ask(NOON + 0.1, "b-0")
    assert book.ask(NOON + 0.2, "c-0") > 0.0
    back = NOON + 0.1 + wait
    assert book.ask(back + 0.2, "c-0") == pytest.approx(0.05, abs=0.001)
    assert book.ask(back + 0.26, "c-0") == 0.0


def test_a_silent_process_loses_its_turns() -> None:
    """Turns of a process that says nothing are free again after a few seconds."""
    book = Book()
    book.fill(NOON, "dead")
    assert book.ask(NOON + 2.9, "b-0") > 0.0
    assert book.ask(NOON + 3.1, "b-0") == 0.0


def test_a_reply_after_that_rests_all_the_same() -> None:
    """A reply to a turn that was taken for lost still keeps a slot for its second."""
    book = Book()
    book.fill(NOON, "slow")
    for number in range(3):
        assert book.ask(NOON + 4.0, f"b-{number}") == 0.0
    book.answer(NOON + 4.0, "slow-0")
    assert book.ask(NOON + 4.1, "b-4") > 0.0


def test_a_turn_never_released_comes_back() -> None:
    """A turn that a living process never gives back is free again after two minutes."""
    book = Book(Rules(per_second=1))
    book.fill(NOON)
    assert book.ask(NOON + 119.0, "a-5") > 0.0
    assert book.ask(NOON + 121.0, "a-5") == 0.0


def test_a_lost_reply_rests_a_full_second() -> None:
    """Where no reply came, nothing is taken off the second."""
    book = Book(Rules(per_second=1))
    now = NOON
    for number in range(64):
        assert book.ask(now, f"a-{number}") == 0.0
        book.answer(now + 0.2, f"a-{number}")
        now += 2.0
    assert book.ask(now, "a-64") == 0.0
    book.answer(now + 10.0, "a-64", "lost")
    assert book.ask(now + 10.0, "a-65") == pytest.approx(1.005)


def test_refusals_in_a_row_slow_down_more_and_more() -> None:
    """Each refusal after a pause doubles the next one; those on their way count once."""
    book = Book()
    book.fill(NOON)
    book.answer(NOON + 0.1, "a-0", "throttled")
    book.answer(NOON + 0.2, "a-1", "throttled")
    assert book.ask(NOON + 0.2, "a-9") == pytest.approx(0.905)
    assert book.ask(NOON + 1.2, "a-9") == 0.0
    book.answer(NOON + 1.3, "a-9", "throttled")
    assert book.ask(NOON + 1.3, "a-10") == pytest.approx(2.0)


def test_the_day_is_counted_and_begins_at_midnight() -> None:
    """Requests count for their UTC day; the next day begins with what is still on its way."""
    book = Book(Rules(per_day=3))
    late = NOON + 43_199.0
    for number in range(3):
        assert book.ask(late, f"a-{number}") == 0.0
    with pytest.raises(DailyQuotaError):
        book.ask(late, "a-3")
    book.answer(late + 0.1, "a-0")
    assert book.used(late + 1.1) == 2
    assert book.ask(late + 1.2, "a-3") == 0.0


def test_reserve_stops_bulk_only() -> None:
    """Bulk work stops at the reserved share of a day; interactive calls go on."""
    book = Book(Rules(per_day=4, reserve=0.5))
    book.ask(NOON, "a-0", Lane.BULK)
    book.ask(NOON + 1, "a-1", Lane.BULK)
    with pytest.raises(DailyQuotaError):
        book.ask(NOON + 2, "a-2", Lane.BULK)
    assert book.ask(NOON + 2, "a-2", Lane.INTERACTIVE) == 0.0


def test_a_word_about_yesterday_does_not_close_today() -> None:
    """A refusal for the day, of a request sent before midnight, says nothing about the new day."""
    book = Book()
    late = NOON + 43_199.9
    book.ask(late, "a-0")
    book.answer(late + 0.3, "a-0", "quota_exceeded")
    assert book.ask(late + 0.4, "a-1") == 0.0


def test_just_after_midnight_the_day_is_closed_for_a_minute() -> None:
    """A clock a little ahead of the service's does not close the whole new day."""
    book = Book()
    early = NOON + 43_201.0
    book.ask(early, "a-0")
    book.answer(early + 0.1, "a-0", "quota_exceeded")
    with pytest.raises(DailyQuotaError) as caught:
        book.ask(early + 1.0, "a-1")
    assert caught.value.resets_at.timestamp() == pytest.approx(early + 60.1)
    assert book.ask(early + 61.0, "a-1") == 0.0


@pytest.mark.parametrize("jump", [-86_400.0 * 400, -3600.0, -0.5, 3600.0])
def test_a_clock_that_jumps_costs_at_most_a_second(jump: float) -> None:
    """After a jump of the clock, either way, the next turn is at most a second off."""
    book = Book()
    book.fill(NOON)
    for number in range(4):
        book.answer(NOON + 0.1, f"a-{number}")
    wait = book.ask(NOON + 0.1 + jump, "a-4")
    assert wait <= 1.006
    assert book.ask(NOON + 0.1 + jump + wait, "a-4") == 0.0


@pytest.mark.parametrize("jump", [-86_400.0 * 3, -3600.0])
def test_a_pause_ends_soon_after_the_clock_was_put_back(jump: float) -> None:
    """A pause that was set by a clock ahead of its time lasts a second from the true one."""
    book = Book()
    book.ask(NOON, "a-0")
    book.answer(NOON + 0.1, "a-0", "throttled")
    assert book.ask(NOON + jump, "a-1") <= 1.006
    assert book.ask(NOON + jump + 1.006, "a-1") == 0.0
    book.answer(NOON + jump + 1.1, "a-1", "throttled")
    assert book.ask(NOON + jump + 1.2, "a-2") > 0.5  # and the next refusal counts again


def test_a_gap_ends_soon_after_the_clock_was_put_back() -> None:
    """The gap of bulk work is no longer than ever when the clock was put back."""
    book = Book()
    book.ask(NOON, "a-0", Lane.BULK)
    assert book.ask(NOON - 3600.0, "a-1", Lane.BULK) <= 1.006


def test_the_queue_begins_anew_when_the_clock_was_put_back() -> None:
    """Who was served or waited by a clock ahead of its time is not held against anybody."""
    book = Book(Rules(per_second=1))
    book.fill(NOON)
    book.answer(NOON + 0.1, "a-0")
    assert book.ask(NOON + 0.2, "b-0", account="b") > 0.0
    assert book.ask(NOON + 0.2, "c-0", account="c") > 0.0
    assert book.ask(NOON + 1.2, "b-0", account="b") == 0.0
    now = NOON - 3600.0
    assert book.ask(now, "c-0", account="c") <= 1.006
    assert book.state is not None
    assert set(book.state["waiting"]) == {"c"}
    assert book.state["served"] == {}


def test_a_killed_process_is_not_told_as_waiting() -> None:
    """A process that says nothing more leaves the queue within seconds."""
    book = Book(Rules(per_second=1))
    book.fill(NOON)
    book.ask(NOON + 0.1, "b-0")
    for second in range(1, 6):
        book.ask(NOON + second, "a-1")
    assert book.state is not None
    assert "b" not in book.state["waiting"]


def test_a_killed_process_wastes_at_most_one_turn() -> None:
    """What a killed process was granted is one request of the day, and one slot for some seconds."""
    book = Book()
    book.ask(NOON, "dead-0", Lane.BULK)
    book.ask(NOON + 0.01, "dead-1", Lane.BULK)  # its next waiter: refused for now, then killed
    sent, now = 0, NOON + 0.1
    while now < NOON + 10.0:
        wait = book.ask(now, f"b-{sent}")
        if not wait:
            book.answer(now, f"b-{sent}")
            sent += 1
        now += wait or 0.001
    assert sent >= 4 * 9 - 4
    assert book.used(now) == sent + 1


def test_a_quicker_reply_is_believed_at_once() -> None:
    """A round trip below the least known makes the very next slot rest longer."""
    book = Book()
    now = NOON
    for number in range(64):
        book.ask(now, f"a-{number}")
        book.answer(now + 0.2, f"a-{number}")
        now += 2.0
    book.fill(now)
    book.answer(now + 0.05, "a-0")
    assert book.ask(now + 0.05, "a-9") == pytest.approx(0.955, abs=0.001)


def test_a_clock_put_back_while_a_request_is_on_its_way() -> None:
    """A reply that seems to come before its request says nothing about the network."""
    book = Book()
    now = NOON
    for number in range(64):
        book.ask(now, f"a-{number}")
        book.answer(now + 0.2, f"a-{number}")
        now += 2.0
    book.ask(now, "a-65")
    book.answer(now - 0.5, "a-65")
    assert book.state is not None
    assert _trips.least(book.state["trips"]) == pytest.approx(0.2)


def test_a_clock_put_back_over_midnight_finds_its_count() -> None:
    """A day that is counted again goes on from what was used of it."""
    book = Book()
    for number in range(3):
        book.ask(NOON, f"a-{number}")
    book.used(NOON + 86_400.0)
    book.state = settled(book.state, NOON + 86_400.0, RULES)
    assert book.used(NOON) == 3


def test_withdrawn_turns_were_never_used() -> None:
    """A turn that was granted to somebody who had gone is free again and not counted."""
    book = Book(Rules(per_second=1))
    book.fill(NOON)
    book.withdraw(NOON, "a", "a-0")
    assert book.used(NOON) == 0
    assert book.ask(NOON, "b-0") == 0.0


def test_the_record_is_plain_json() -> None:
    """A record comes back from JSON as it was."""
    book = Book()
    book.fill(NOON)
    book.answer(NOON + 0.1, "a-0")
    book.ask(NOON + 0.2, "b-0", Lane.BULK, "account")
    stored = orjson.dumps(book.state)
    book.state = orjson.loads(stored)
    assert orjson.dumps(book.state) == stored
    assert book.ask(NOON + 1.2, "b-0", Lane.BULK, "account") == 0.0


def test_a_cold_start_is_not_taken_for_the_least() -> None:
    """The first second's trips, which made the connections, do not count as the least there is."""
    book = Book(Rules(per_second=40))
    book.fill(NOON)
    for number in range(40):
        book.answer(NOON + 0.2, f"a-{number}")
    assert book.ask(NOON + 0.3, "a-40") == pytest.approx(0.905, abs=0.03)
